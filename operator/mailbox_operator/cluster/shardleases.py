"""Reads and writes the Leases of shards: one for each, which names the replica that works on it.

A replica writes over the version it saw last, and so over nobody's word. Whether another's Lease has
expired is told by a clock that nobody sets, from the moment it was last seen to change.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from mailbox_operator import clock
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import lease_path
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.cluster.versions import older
from mailbox_operator.decide.cluster.shards import SHARDS, Shard, shard_lease
from mailbox_operator.decide.names import GROUP, annotations_of

SHARDS_OF: Final = f"{GROUP}/shards-of"
"""Label of the Leases: whose they are, by the name of the Lease that the leader holds."""

WANTED_BY: Final = f"{GROUP}/wanted-by"
"""Annotation: the replica that asks for the shard."""

LEFT_SECONDS: Final = 5.0
"""Without a holder, until a shard is not kept any longer for who asked for it."""

MICROTIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(slots=True)
class Found:
    """A Lease as it was read or written last.

    Attributes:
        since: When it was first seen with this holder, renewed at this time.
    """

    body: dict[str, Any]
    since: float

    @property
    def version(self) -> str:
        """Its resourceVersion."""
        return str(self.body["metadata"]["resourceVersion"])

    @property
    def holder(self) -> str:
        """Who holds it; empty if nobody does."""
        return str((self.body.get("spec") or {}).get("holderIdentity") or "")

    @property
    def lasts_seconds(self) -> float:
        """How long it holds without being written."""
        return float((self.body.get("spec") or {}).get("leaseDurationSeconds") or 0)


@dataclass(slots=True)
class ShardLeases:
    """The Leases, as they are known here.

    Attributes:
        namespace: The operator's own.
        lease: Name of the leader's Lease, which theirs begin with.
        me: This replica.
        seconds: How long a Lease holds without being written, from the moment that is asked for.
        now: Tells seconds that nobody sets.
    """

    api: ApiServer
    namespace: str
    lease: str
    me: str
    seconds: int
    now: Callable[[], float] = clock.elapsed
    _found: dict[int, Found] = field(default_factory=dict)

    async def read(self) -> Sequence[Shard]:
        """Return how all shards stand.

        Raises:
            ApiServerError: They were not listed.
            TimeoutError: Not in time.
        """
        query = urlencode({"labelSelector": f"{SHARDS_OF}={self.lease}"})
        async with asyncio.timeout(self.seconds / 2):
            listed = await self.api.get(f"{lease_path(self.namespace)}?{query}")
        bodies = {item["metadata"]["name"]: item for item in listed["items"] or ()}
        for number in range(SHARDS):
            body = bodies.get(shard_lease(self.lease, number))
            if body is not None:
                self._note(number, body)
            elif number in self._found and not self._is_newer(number, listed):
                del self._found[number]
        return [self._shard(number) for number in range(SHARDS)]

    async def take(self, number: int) -> float | None:
        """Take a Lease that nobody holds, or that has expired.

        Returns:
            When that was asked for; None if it is not written, or that is not known.
        """
        kept = self._spec(number)
        turns = int(kept.get("leaseTransitions") or 0) + 1
        moment = clock.now().strftime(MICROTIME)
        taken = {"acquireTime": moment, "leaseTransitions": turns}
        return await self._write(number, kept | self._held(moment) | taken)

    async def renew(self, number: int, *, refuses: bool = False) -> float | None:
        """Renew a Lease, unless another replica holds it by now; returns what `take` does.

        Args:
            number: Of the shard.
            refuses: Whether who asked for it does not get it.
        """
        if number not in self._found:
            return await self.take(number)
        if not self._is_mine(number):
            return None
        spec = self._spec(number) | self._held(clock.now().strftime(MICROTIME))
        return await self._write(number, spec, "" if refuses else self._wanted(number))

    async def ask(self, number: int) -> None:
        """Ask its holder for a shard."""
        await self._write(number, self._spec(number), self.me)

    async def give(self, number: int) -> bool:
        """Hold a Lease no longer; it is kept for who asked for it.

        Returns:
            Whether this replica does not hold it.
        """
        if not self._is_mine(number):
            return True
        spec = self._spec(number) | {"holderIdentity": ""}
        return await self._write(number, spec, self._wanted(number)) is not None

    def _is_mine(self, number: int) -> bool:
        found = self._found.get(number)
        return found is not None and found.holder == self.me

    def _spec(self, number: int) -> dict[str, Any]:
        found = self._found.get(number)
        return (found.body.get("spec") or {}) if found else {}

    def _held(self, moment: str) -> dict[str, Any]:
        return {
            "holderIdentity": self.me,
            "leaseDurationSeconds": self.seconds,
            "renewTime": moment,
        }

    def _shard(self, number: int) -> Shard:
        found = self._found.get(number)
        if found is None:
            return Shard(number)
        still = self.now() - found.since
        holder = found.holder if still < found.lasts_seconds else ""
        return Shard(number, holder, self._wanted(number), is_left=still >= LEFT_SECONDS)

    def _wanted(self, number: int) -> str:
        return annotations_of(self._found[number].body["metadata"]).get(WANTED_BY, "")

    async def _write(self, number: int, spec: dict[str, Any], wanted: str = "") -> float | None:
        """Write over the version that is known; return when it was asked for, None if it failed."""
        asked, before = self.now(), self._found.get(number)
        name = shard_lease(self.lease, number)
        metadata: dict[str, Any] = before.body["metadata"] if before else {"name": name}
        noted = {**annotations_of(metadata), WANTED_BY: wanted}
        labels = {**(metadata.get("labels") or {}), SHARDS_OF: self.lease}
        changed = {"metadata": {**metadata, "labels": labels, "annotations": noted}, "spec": spec}
        try:
            async with asyncio.timeout(self.seconds / 2):
                if before is None:
                    body = await self.api.create(lease_path(self.namespace), changed)
                else:
                    body = await self.api.replace(lease_path(self.namespace, name), changed)
        except ApiServerError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                self._found.pop(number, None)
            return None
        except TimeoutError:
            return None
        self._note(number, body)
        return asked

    def _note(self, number: int, body: dict[str, Any]) -> None:
        """Take in a view of a Lease, unless a newer one is known."""
        known = self._found.get(number)
        version = str(body["metadata"]["resourceVersion"])
        if known is None:
            self._found[number] = Found(body, self.now())
        elif not older(version, known.version):
            is_same = body.get("spec") == known.body.get("spec")
            self._found[number] = Found(body, known.since if is_same else self.now())

    def _is_newer(self, number: int, listed: dict[str, Any]) -> bool:
        version = str(listed["metadata"].get("resourceVersion") or "")
        return older(version, self._found[number].version)
