"""Shards at a real API server: held by one replica at a time, and evenly, whatever becomes of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from lab.controlplane.plane import ControlPlane
from lab.stand.eventually import eventually
from mailbox_operator.clock import elapsed
from mailbox_operator.cluster.apiserver import ApiServer, connect
from mailbox_operator.cluster.paths import lease_path
from mailbox_operator.cluster.shardleases import WANTED_BY, ShardLeases
from mailbox_operator.cluster.shards import RENEW_AT, Shards
from mailbox_operator.decide.cluster.shards import SHARDS, shard_lease
from mailbox_operator.decide.failure.fault import Postponed
from unit.make import mailbox

pytestmark = pytest.mark.cluster

LASTS_SECONDS: Final = 3
EVERY_SECONDS: Final = 0.5
LEASE: Final = "mailbox-operator"


@dataclass(slots=True)
class Replica:
    """One of several equal replicas, in this process.

    Attributes:
        works: What it works on, as those hear of it who do the work.
        ending_seconds: How long its work takes to end.
        is_stopped: Whether its clock stands still, as that of a process that is stopped seems to.
    """

    name: str
    api: ApiServer
    namespace: str
    ending_seconds: float = 0.0
    works: set[int] = field(default_factory=set)
    ended: list[int] = field(default_factory=list)
    ahead_seconds: float = 0.0
    may_work: bool = True
    shards: Shards = field(init=False)
    task: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        leases = ShardLeases(self.api, self.namespace, LEASE, self.name, LASTS_SECONDS, self._now)
        told = (lambda: self.may_work, self._began, self._end)
        self.shards = Shards(leases, EVERY_SECONDS, *told)

    def start(self) -> None:
        """Take part."""
        self.task = asyncio.create_task(self.shards.run())

    async def kill(self) -> None:
        """Stop without giving anything back."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])

    def _now(self) -> float:
        return elapsed() + self.ahead_seconds

    def _began(self, numbers: Collection[int]) -> None:
        self.works |= set(numbers)

    async def _end(self, numbers: Collection[int]) -> None:
        await asyncio.sleep(self.ending_seconds)
        self.works -= set(numbers)
        self.ended += numbers


@dataclass(slots=True)
class Fleet:
    """Replicas of one installation; no shard is ever worked on by two of them."""

    api: ApiServer
    namespace: str
    stack: AsyncExitStack
    replicas: list[Replica] = field(default_factory=list)
    doubles: list[tuple[int, list[str]]] = field(default_factory=list)

    def add(self, **changes: Any) -> Replica:
        """Start one more."""
        made = Replica(f"replica-{len(self.replicas)}", self.api, self.namespace, **changes)
        self.replicas.append(made)
        self.stack.push_async_callback(made.kill)
        made.start()
        return made

    async def watch(self) -> None:
        """Note each shard that two work on; until cancelled."""
        while True:
            held = Counter(number for each in self.replicas for number in each.shards.held)
            for number, count in held.items():
                if count > 1:
                    who = [each.name for each in self.replicas if number in each.shards.held]
                    self.doubles.append((number, who))
            await asyncio.sleep(0.01)

    async def share(self, *sizes: int) -> None:
        """Wait until the replicas that are there hold so many, and all is held."""

        async def held() -> list[int]:
            return sorted(len(each.works) for each in self.replicas)

        await eventually(held, lambda found: found == sorted(sizes), within=40)
        assert not self.doubles

    async def lease(self, number: int) -> dict[str, Any]:
        """Read the Lease of a shard."""
        path = lease_path(self.namespace, shard_lease(LEASE, number))
        return dict(await self.api.get(path))


@asynccontextmanager
async def fleet_of(api: ApiServer, namespace: str) -> AsyncIterator[Fleet]:
    """Begin without a replica."""
    async with AsyncExitStack() as stack:
        made = Fleet(api, namespace, stack)
        watching = asyncio.create_task(made.watch())
        yield made
        watching.cancel()


@pytest.fixture
async def fleet(api: ApiServer, namespace: str) -> AsyncIterator[Fleet]:
    async with fleet_of(api, namespace) as made:
        yield made


async def test_one_replica_holds_all(fleet: Fleet) -> None:
    fleet.add()

    await fleet.share(SHARDS)

    found = await fleet.lease(3)
    assert found["spec"]["holderIdentity"] == "replica-0"
    assert found["spec"]["leaseDurationSeconds"] == LASTS_SECONDS


async def test_replicas_that_come_get_their_part(fleet: Fleet) -> None:
    fleet.add()
    await fleet.share(SHARDS)

    for _ in range(3):
        fleet.add()

    await fleet.share(3, 3, 3, 3)


async def test_what_was_killed_held_is_taken_over_by_the_others(fleet: Fleet) -> None:
    for _ in range(4):
        fleet.add()
    await fleet.share(3, 3, 3, 3)

    killed = fleet.replicas.pop()
    await killed.kill()

    await fleet.share(4, 4, 4)


async def test_what_is_given_back_at_the_end_need_not_expire(fleet: Fleet) -> None:
    first, second = fleet.add(), fleet.add()
    await fleet.share(6, 6)
    fleet.replicas.remove(first)

    await first.kill()
    await first.shards.release()
    await fleet.share(SHARDS)

    assert len(second.shards.held) == SHARDS
    spec = (await fleet.lease(0))["spec"]
    assert spec["leaseTransitions"] >= 1


async def test_a_replica_that_stood_still_works_on_nothing_afterwards(fleet: Fleet) -> None:
    stopped = fleet.add()
    await fleet.share(SHARDS)

    stopped.ahead_seconds += LASTS_SECONDS  # it wakes up, and its clock has gone on

    assert not stopped.shards.is_certain
    with pytest.raises(Postponed):
        stopped.shards.assure()
    await eventually(lambda: asyncio.sleep(0, set(stopped.ended) == set(range(SHARDS))))


async def test_a_shard_is_given_when_all_work_on_it_is_over(fleet: Fleet) -> None:
    slow = fleet.add(ending_seconds=2 * LASTS_SECONDS)
    await fleet.share(SHARDS)

    fleet.add()

    await fleet.share(6, 6)
    assert len(slow.ended) == 6


async def test_who_asked_and_is_gone_is_not_waited_for(fleet: Fleet) -> None:
    fleet.add()
    await fleet.share(SHARDS)
    path = lease_path(fleet.namespace, shard_lease(LEASE, 5))
    await fleet.api.patch(path, {"metadata": {"annotations": {WANTED_BY: "nobody"}}})

    async def is_held_again() -> bool:
        metadata = (await fleet.lease(5))["metadata"]
        return not metadata["annotations"].get(WANTED_BY)

    await eventually(is_held_again, within=40)
    await fleet.share(SHARDS)


async def test_a_lease_that_is_deleted_is_written_again(fleet: Fleet) -> None:
    fleet.add()
    await fleet.share(SHARDS)
    path = lease_path(fleet.namespace, shard_lease(LEASE, 7))

    await fleet.api.delete(path, {})

    async def is_back() -> bool:
        listed = await fleet.api.get(lease_path(fleet.namespace))
        return any(each["metadata"]["name"] == shard_lease(LEASE, 7) for each in listed["items"])

    await eventually(is_back, within=40)
    await fleet.share(SHARDS)


async def test_nothing_is_held_while_the_leader_shares_with_nobody(fleet: Fleet) -> None:
    replica = fleet.add()
    await fleet.share(SHARDS)

    replica.may_work = False
    await fleet.share(0)

    replica.may_work = True
    await fleet.share(SHARDS)


async def test_a_lease_is_renewed_and_no_more(plane: ControlPlane, namespace: str) -> None:
    written: list[str] = []

    def count(method: str, status: int, seconds: float) -> None:
        written.extend([method] if method != "GET" else [])

    async with (
        await connect(str(plane.kubeconfig), count) as api,
        fleet_of(api, namespace) as fleet,
    ):
        fleet.add()
        fleet.add()
        await fleet.share(6, 6)
        began = elapsed()
        written.clear()
        before = await renewals(fleet)

        await eventually(lambda: renewals(fleet), lambda now: not now & before, within=40)

        renewed_each = (elapsed() - began) / (LASTS_SECONDS * RENEW_AT) + 1
        assert len(written) <= SHARDS * renewed_each


async def renewals(fleet: Fleet) -> set[tuple[str, str]]:
    """Name each Lease, and when it was renewed."""
    listed = await fleet.api.get(lease_path(fleet.namespace))
    return {(each["metadata"]["name"], each["spec"]["renewTime"]) for each in listed["items"]}


async def test_objects_of_shards_that_are_held_are_owned(fleet: Fleet) -> None:
    first, second = fleet.add(), fleet.add()
    await fleet.share(6, 6)

    owners = [each for each in (first, second) if each.shards.owns(mailbox())]

    assert len(owners) == 1
    assert mailbox().shard in owners[0].works


async def test_a_lease_that_another_took_is_neither_renewed_nor_given(
    api: ApiServer, namespace: str
) -> None:
    late, other = (
        ShardLeases(api, namespace, LEASE, name, LASTS_SECONDS) for name in ("late", "other")
    )
    await late.take(0)
    await other.read()
    await other.take(0)
    await late.read()

    assert await late.renew(0) is None
    assert await late.give(0)

    found = await api.get(lease_path(namespace, shard_lease(LEASE, 0)))
    assert found["spec"]["holderIdentity"] == "other"


async def test_what_a_renewal_wrote_that_was_cut_off_is_given_back_all_the_same(
    fleet: Fleet,
) -> None:
    ending = fleet.add()
    await fleet.share(SHARDS)
    await ending.kill()
    late = ShardLeases(fleet.api, fleet.namespace, LEASE, ending.name, LASTS_SECONDS)
    await late.read()
    await late.renew(4)

    await ending.shards.release()

    assert (await fleet.lease(4))["spec"]["holderIdentity"] == ""
