"""Compares what the watches told with a listing: at the start, and now and then.

A watch that had to begin again never reports what was deleted meanwhile; only a listing does.
The first one also tells when the operator knows everything: readiness.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Protocol

from mailbox_operator.cluster.history import compare
from mailbox_operator.cluster.listing import Item
from mailbox_operator.cluster.reader import ApiReader
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.watch.informer import Informer
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.refs import Name
from mailbox_operator.watch.sights import Sight, sights

SWEEP_RETRY_SECONDS: Final = 2.0
SWEEP_GRACE_SECONDS: Final = 10.0
STOOD_STILL_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Difference:
    """What a listing shows otherwise than the watches told.

    Attributes:
        sight: Whose listing.
        version: Of the listing.
        late: What was listed that the watches did not tell of.
        missing: What was not listed, and the version it was known with.
    """

    sight: Sight
    version: str
    late: Mapping[Name, Item]
    missing: Mapping[Name, str]


class FollowedSecrets(Protocol):
    """Follows Secrets, from their first listing on."""

    @property
    def informers(self) -> Sequence[Informer]:
        """What follows the Secrets of each place."""

    async def first(self) -> None:
        """Take in the Secrets of all places; raises `ApiServerError` where some were not listed."""


@dataclass(frozen=True, slots=True)
class NoSecrets:
    """Follows no Secret."""

    informers: tuple[Informer, ...] = ()

    async def first(self) -> None:
        """Take in nothing."""


@dataclass(slots=True)
class Sweeper:
    """Lists everything, a page at a time.

    Attributes:
        scope: What is listed.
        secrets: Lists Secrets, and follows them from there.
        grace_seconds: How long the watches have to tell what a listing shows.
        stood_still_seconds: When that took so much longer, nothing in this process moved meanwhile,
            and the watches neither.
        ready: Set once the first listing is taken in.
        lagging: What the last sweep found that the watch had not told within its grace, and has not
            told since; not empty means that a watch is stuck.
        trouble: Why the listing does not come about now; empty if it does.
    """

    api: ApiReader
    intake: Intake
    scope: Scope
    secrets: FollowedSecrets
    every_seconds: float
    grace_seconds: float = SWEEP_GRACE_SECONDS
    stood_still_seconds: float = STOOD_STILL_SECONDS
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    lagging: frozenset[Name] = frozenset()
    trouble: str = ""

    async def run(self) -> None:
        """Sweep once, then at intervals, until cancelled.

        Raises:
            RewoundError: Something is older than it was before.
        """
        await self._persist(self.first)
        self.ready.set()
        while True:
            await asyncio.sleep(self.every_seconds)
            await self._persist(self.sweep)

    def heard(self, name: Name) -> None:
        """Take note that a watch tells of something: it was late, and is not stuck."""
        if self.lagging:
            self.lagging -= {name}

    async def first(self) -> None:
        """Take in everything. Nobody works yet, so the order matters to nobody."""
        for sight in sights(self.api, self.intake, self.scope, ()):
            async for item in sight.listing().items():
                sight.take(item)
        await self.secrets.first()

    async def sweep(self) -> None:
        """Correct the store where the watch failed to, and remember that it did.

        Raises:
            RewoundError: Something is older than it was before it was listed.
        """
        informers = self.secrets.informers
        seen = sights(self.api, self.intake, self.scope, informers)
        differences = [await self._compare(sight) for sight in seen]
        await self._wait_for_watches()
        lagging = [name for each in differences for name in self._corrected(each)]
        self.lagging = frozenset(lagging)

    async def _compare(self, sight: Sight) -> Difference:
        """List, and note what differs from what was known before."""
        store, late = self.intake.store, dict[Name, Item]()
        missing = {name: store.known(name) for name in sight.names()}
        listing = sight.listing()
        try:
            async for item in listing.items():
                name, version = sight.name(item), item["metadata"]["resourceVersion"]
                compare(str(name), version, missing.pop(name, ""))
                if sight.counts(item) and not store.has(name, version):
                    sight.lighten(item)
                    late[name] = item
        except ApiServerError as error:
            if error.status != HTTPStatus.FORBIDDEN or not sight.optional:
                raise
            missing.clear()
        return Difference(sight, listing.version, late, missing)

    async def _wait_for_watches(self) -> None:
        """Give the watches time to tell, and again if this process stood still meanwhile."""
        loop = asyncio.get_running_loop()
        late = self.stood_still_seconds
        while late >= self.stood_still_seconds:
            began = loop.time()
            await asyncio.sleep(self.grace_seconds)
            late = loop.time() - began - self.grace_seconds

    def _corrected(self, found: Difference) -> Iterator[Name]:
        """Correct what the watches still did not tell, and name it."""
        store = self.intake.store
        for name, item in found.late.items():
            if not store.has(name, item["metadata"]["resourceVersion"]):
                found.sight.take(item)
                yield name
        for name, version in found.missing.items():
            if store.known(name) == version:
                found.sight.drop(name, found.version)
                yield name

    async def _persist(self, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await act()
            except ApiServerError as error:
                self.trouble = str(error)
                await asyncio.sleep(max(SWEEP_RETRY_SECONDS, error.pause_seconds))
            else:
                self.trouble = ""
                return
