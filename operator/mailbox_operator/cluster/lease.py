"""Lets one replica lead: a Lease, the client library's election, and a clock of our own.

The library compares wall-clock times and waits on calls without a bound. Here each call is bounded,
and a renewal that is older than the deadline ends the leadership whatever the wall clock says: its
age is told by a clock that nobody sets, and that goes on while the machine sleeps. By the same clock
a replica that waits tells whether the Lease of another has expired. The Lease itself is read and
written here: the library's own way there would load classes of twenty megabytes, and cannot create
one.

As in client-go, each call has half the renew deadline, and a holder renews by one request: it writes
to the version that it wrote last. So an API server that takes three seconds for a request has a
leader.
"""

import asyncio
import json
import socket
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

from kubernetes.aio.client.exceptions import ApiException
from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord
from kubernetes.aio.leaderelection.resourcelock.baselock import BaseLock

from mailbox_operator.clock import elapsed
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.history import History
from mailbox_operator.cluster.paths import lease_path
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.cluster.clocks import is_unattended
from mailbox_operator.decide.declared.secret import read_moment
from mailbox_operator.decide.names import GROUP, annotations_of
from mailbox_operator.decide.status.conditions import TIME_FORMAT
from mailbox_operator.settings.operator import LeaderElectionSection

SHARES: Final = f"{GROUP}/shares-work-by"
"""Annotation of the Lease: its holder, if that leaves shards to other replicas, as older versions do
not."""

LAST_TRIES: Final = 2
"""Of giving the Lease back: a renewal that was cut off may be written meanwhile."""

RESUMED: Final = f"{GROUP}/resumed-at"
"""Annotation of the Lease: when it was taken over after nobody had led for long."""


def identity() -> str:
    """Name this replica; no other one, and none before it in the same pod, has that name."""
    return f"{socket.gethostname()}_{uuid.uuid4()}"


def ignore_version(version: str) -> None:
    """Tell nobody of a version."""


class Lease(BaseLock):  # type: ignore[misc]  # the library ships no types
    """The Lease, asked for no longer than half the renew deadline; trouble is a 'no', not a crash.

    Attributes:
        renewed: When it was last renewed, by `clock`; that request was sent then, or later.
        taken: Whether another replica held it when it was last read.
        is_shared: Whether the replica that leads, or led last, leaves shards to other replicas.
        clock: Tells seconds that nobody sets.
        known: Hears of each version of it that was read or written.
    """

    def __init__(
        self,
        terms: LeaderElectionSection,
        namespace: str,
        identity: str,
        api: ApiServer,
        clock: Callable[[], float] = elapsed,
        known: Callable[[str], None] = ignore_version,
    ) -> None:
        super().__init__(terms.lease_name, namespace, identity)
        self.clock, self.known = clock, known
        self.renewed: float | None = None
        self.taken = False
        self._api = api
        self._seconds = terms.renew_deadline.total_seconds() / 2
        self._duration_seconds = ceil(terms.lease_duration.total_seconds())
        self._found: dict[str, Any] = {}
        self._unchanged_since = 0.0
        self._is_ours = False
        self.is_shared = False
        self._history = History(f"the Lease {namespace}/{terms.lease_name}")

    @property
    def age(self) -> float:
        """Seconds since the last renewal; without end before the first one."""
        return float("inf") if self.renewed is None else self.clock() - self.renewed

    @property
    def is_expired(self) -> bool:
        """Whether the Lease of another replica was not renewed for its whole duration, as seen here."""
        return self.clock() - self._unchanged_since >= self._duration_seconds

    @property
    def resumed(self) -> datetime | None:
        """When a leader took over after nobody had led for long; None if that is not noted."""
        return read_moment(annotations_of(self._found.get("metadata", {})).get(RESUMED, ""))

    async def get(self, name: str, namespace: str) -> tuple[bool, Any]:
        """Return the record of the Lease, or why there is none; a holder knows what it wrote.

        A Lease that expired has no holder in it: a wall clock that was set back would wait for it.
        """
        if self._is_ours:
            return True, _record(self._found["spec"])
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._api.get(lease_path(namespace, name))
        except (ApiServerError, TimeoutError) as error:
            status = getattr(error, "status", 0)
            refused = ApiException(status=status, reason=str(error) or type(error).__name__)
            refused.body = json.dumps({"code": status})
            return False, refused
        self._note(found)
        if found.get("spec") != self._found.get("spec"):
            self._unchanged_since = self.clock()
        self._found, record = found, _record(found.get("spec") or {})
        self.taken = record.holder_identity not in {None, self.identity}
        if self.taken and self.is_expired:
            record.holder_identity = None
        return True, record

    async def create(self, name: str, namespace: str, election_record: Any) -> bool:
        """Create the Lease."""
        noted = {SHARES: self.identity, RESUMED: self._now()}
        metadata = {"name": name, "annotations": noted}
        body = {"metadata": metadata, "spec": _spec(election_record)}
        return await self._write(self._api.create(lease_path(namespace), body))

    async def update(self, name: str, namespace: str, updated_record: Any) -> bool:
        """Renew or take over the Lease, unless somebody else wrote it since it was read.

        One that has not expired is left to its holder, even if a wall clock that was set ahead says
        that it has.
        """
        if self.taken and not self.is_expired:
            return False
        spec = {**(self._found.get("spec") or {}), **_spec(updated_record)}
        body = {**self._found, "spec": spec}
        if not self._is_ours:
            body["metadata"] = {**self._found["metadata"], "annotations": self._taken_over()}
        return await self._write(self._api.replace(lease_path(namespace, name), body))

    async def release(self) -> None:
        """Give the Lease back, so that the next replica need not wait for its end."""
        for _ in range(LAST_TRIES):
            held, record = await self.get(self.name, self.namespace)
            if not held or record.holder_identity != self.identity:
                return
            body = {**self._found, "spec": {**self._found["spec"], "holderIdentity": ""}}
            path = lease_path(self.namespace, self.name)
            is_written = await self._write(self._api.replace(path, body))
            self._is_ours = False
            if is_written:
                return

    def _taken_over(self) -> dict[str, str]:
        """Note in the very write that takes over what no later leader is to miss."""
        noted = {**annotations_of(self._found.get("metadata", {})), SHARES: self.identity}
        renewed = read_moment(str((self._found.get("spec") or {}).get("renewTime") or ""))
        if is_unattended(renewed, self._api.clock.read()):
            noted[RESUMED] = self._now()
        return noted

    def _now(self) -> str:
        return self._api.clock.read().later.strftime(TIME_FORMAT)

    async def _write(self, call: Awaitable[Any]) -> bool:
        asked = self.clock()
        self._is_ours = False  # whether it was written is unknown without an answer
        try:
            async with asyncio.timeout(self._seconds):
                self._found = await call
        except (ApiServerError, TimeoutError):
            return False
        self._note(self._found)
        self.renewed, self.taken, self._is_ours = asked, False, True
        return True

    def _note(self, body: dict[str, Any]) -> None:
        version, holder = body["metadata"]["resourceVersion"], _record(body.get("spec") or {})
        self._history.note(version)
        self.known(version)
        if holder.holder_identity:  # between two leaders it stays as it was
            named = annotations_of(body["metadata"]).get(SHARES)
            self.is_shared = named == holder.holder_identity


def _record(spec: dict[str, Any]) -> Any:
    """Read what the election compares: texts, and None for what is empty."""
    duration = spec.get("leaseDurationSeconds")
    return LeaderElectionRecord(
        spec.get("holderIdentity") or None,
        str(duration) if duration else None,
        spec.get("acquireTime"),
        spec.get("renewTime"),
    )


def _spec(record: Any) -> dict[str, Any]:
    return {
        "holderIdentity": record.holder_identity,
        "leaseDurationSeconds": int(record.lease_duration),
        "acquireTime": _utc(record.acquire_time),
        "renewTime": _utc(record.renew_time),
    }


def _utc(time: str) -> str:
    """Write a time as the API server wants it; the election's own are local, without a zone."""
    moment = datetime.fromisoformat(time).astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
