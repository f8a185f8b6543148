"""A fleet of connected Mailboxes and all of the operator that checks it; no cluster.

What kopf and the API server take part in is left out: nothing changes, so nothing is written.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final

import yaml

from lab.stand.manifests import mailbox
from lab.stand.world import egress
from mailbox_operator.assemble.outside import outside, pace, ports
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.machine import Conclusion, Proof
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Endpoint, Status
from mailbox_operator.decide.words import Kind, Security
from mailbox_operator.ports import Ports
from mailbox_operator.reconcile import reconcile, settle
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.observers import Observers
from mailbox_operator.schedule.limits import Bucket, Slots
from mailbox_operator.schedule.lines import Lane
from mailbox_operator.schedule.runner import Runner
from mailbox_operator.settings.file import Settings, load
from mailbox_operator.watch.reading import parse
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.store import Store
from tools.bench.sizes import CONCURRENCY, LIMITS, PASSWORD, UNLIMITED, address
from tools.bench.stand import logging_in, place

HOME: Final = "mailbox-operator"
LATER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KnownSecrets:
    """Has every Secret at hand, as the operator has after the first check."""

    async def read(self, namespace: str, name: str) -> Secret:
        """Return the Secret with the password of all."""
        del namespace
        return Secret(name, {"password": PASSWORD.encode()})

    async def read_platform(self, name: str) -> Secret:
        """Return the same."""
        return await self.read("", name)


@dataclass(frozen=True, slots=True)
class NoGrants:
    """Keeps no grant."""

    async def read(self, uid: str) -> StoredGrant | None:
        """Find none."""
        del uid
        return None

    async def rotate(self, mailbox: ReadableMailbox, grant: StoredGrant) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class Written:
    """Has each status stand at once."""

    store: Store

    def announce(self, seen: Seen, status: Status) -> None:
        """Show nothing ahead."""

    def withdraw(self, key: Key) -> None:
        """Take nothing back."""

    def publish(self, seen: Seen, status: Status) -> None:
        """Have the store know a status that differs."""
        if status != seen.status:
            version = str(int(seen.subject.version) + UNLIMITED)
            self.store.upsert(replace(seen.subject, status=status, version=version))


@dataclass(slots=True)
class Fleet:
    """Mailboxes whose last check went well, under an operator.

    Attributes:
        size: How many.
        port: Of their mail server.
        bundle: PEM file with the authority of its certificate.
        failed: Checks that did not end well.
    """

    size: int
    port: int
    bundle: Path
    failed: int = 0
    _store: Store = field(default_factory=lambda: Store(HOME))
    _metrics: Metrics = field(init=False)
    _ports: Ports = field(init=False)
    _runner: Runner = field(init=False)
    _remaining: int = 0
    _done: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        settings = self._settings
        self._metrics = Metrics(pace(settings))
        observers = Observers(self._metrics)
        out = outside(settings, KnownSecrets(), NoGrants(), observers)
        self._ports = ports(settings, self._store, Written(self._store), out, observers)
        limits = (Slots(CONCURRENCY, CONCURRENCY), Bucket(UNLIMITED, UNLIMITED))
        counted = self._metrics.workqueue
        schedule = (self._attempt, self._destination, monotonic, *limits)
        self._runner = Runner(*schedule, timekeeper=counted)
        for number in range(self.size):
            self._add(number)
            self._runner.plan(key_of(number), LATER, Lane.PERIODIC)

    async def check(self, numbers: Sequence[int]) -> None:
        """Check some of them, which are due now, while the others wait in line."""
        self._remaining = len(numbers)
        self._done.clear()
        for number in numbers:
            self._runner.plan(key_of(number), timedelta(), Lane.PERIODIC)
        running = asyncio.create_task(self._runner.run())
        await self._done.wait()
        running.cancel()
        await asyncio.wait([running])

    async def _attempt(self, key: Key, due: bool) -> Conclusion | None:  # noqa: FBT001 - as the Runner calls
        conclusion = await reconcile(key, self._ports, due=due)
        self.failed += conclusion is None or conclusion.retry is not Retry.INTERVAL
        self._remaining -= 1
        if not self._remaining:
            self._done.set()
        return conclusion

    @property
    def _settings(self) -> Settings:
        dialled = egress([self.port], self.bundle)
        return load(yaml.safe_dump({"egress": dialled, "limits": LIMITS}))

    def _destination(self, key: Key) -> str | None:
        subject = self._store.subject(key)
        return subject.destination if subject else None

    def _add(self, number: int) -> None:
        """Add a Mailbox as it is after a check."""
        key, endpoint = key_of(number), Endpoint("localhost", self.port, Security.STARTTLS)
        self._store.note((Topic.SECRET, key.namespace, key.name), f"secret-{number}/1")
        self._store.upsert(parse(Kind.MAILBOX, body(number, self.port)))
        seen = self._store.seen(key)
        assert seen is not None
        settle(seen, Proof(endpoint), self._ports)


def key_of(number: int) -> Key:
    """Name a Mailbox."""
    return Key(Kind.MAILBOX, *place(number))


def body(number: int, port: int) -> dict[str, Any]:
    """Write a Mailbox as the API server has it before its first check."""
    namespace, name = place(number)
    metadata = {
        "namespace": namespace,
        "name": name,
        "uid": f"mailbox-{number}",
        "generation": 1,
        "resourceVersion": str(number + 1),
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    spec = logging_in(address(number), name, port) | {"checkInterval": "24h"}
    declared = mailbox(spec, name)
    return declared | {"metadata": metadata, "status": {}}
