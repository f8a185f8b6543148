"""Two replicas: both work, and either takes over all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.smtp import SmtpServer
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected
from lab.stand.world import GOOD, QUICK, World
from mailbox_operator.decide.cluster.shards import SHARDS

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

TEAM: Final = tuple(f"member-{number}" for number in range(20))
SERVER: Final = replace(
    GOOD, accounts={f"{name}@acme.example": "right" for name in TEAM}, senders=None
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replicas that share the work, with a team of connected mailboxes."""

    leader: Operator
    follower: Operator
    scene: Scene
    server: SmtpServer

    async def prove_takeover(self) -> None:
        """Have the follower work on all, and nobody dialled but one more mailbox."""
        self.scene.operator = self.follower
        await eventually(self.follower.shards, lambda held: held == SHARDS, 30)
        before = self.server.connections
        spec = at(self.server, address="member-0@acme.example")
        await self.scene.apply(mailbox(spec, "newcomer"))
        await self.scene.until(connected(), "newcomer")
        assert self.server.connections == before + 1 == len(TEAM) + 1
        assert self.server.most_open_of_one_user == 1


@pytest_asyncio.fixture(loop_scope="module")
async def pair(world: World, installation: Installation) -> AsyncIterator[Pair]:
    configuration = installation.write_configuration(world.configuration())
    async with (
        world.server(SERVER) as server,
        Operator.run(installation, configuration) as first,
        Operator.run(installation, configuration) as second,
        Scene.open(world, first) as scene,
    ):
        await asyncio.gather(first.wait_ready(), second.wait_ready())
        leaders = await eventually(lambda: leading(first, second), within=20, tell=first.tail)
        follower = second if leaders == [first] else first
        await eventually(lambda: shared(first, second), within=30, tell=first.tail)
        await scene.apply(password())
        for name in TEAM:
            spec = at(server, address=f"{name}@acme.example", checkInterval="24h")
            await scene.apply(mailbox(spec, name))
        await asyncio.gather(*(scene.until(connected(), name) for name in TEAM))
        yield Pair(leaders[0], follower, scene, server)


async def leading(*operators: Operator) -> list[Operator]:
    """Name those that say they lead."""
    return [each for each in operators if await each.is_leading()]


async def shared(*operators: Operator) -> bool:
    """Whether both work on their part."""
    return {await each.shards() for each in operators} == {SHARDS // 2}


async def test_one_replica_leads_and_the_other_works_when_it_is_told_to_stop(pair: Pair) -> None:
    assert await leading(pair.leader, pair.follower) == [pair.leader]

    status = await pair.leader.terminate()

    await pair.follower.wait_leading(within=6)
    assert status == 0
    await pair.prove_takeover()


async def test_a_replica_takes_over_from_one_that_was_killed_and_lists_only_grants(
    pair: Pair,
) -> None:
    await pair.leader.kill()
    killed = datetime.now(UTC)

    await pair.follower.wait_leading(within=30)

    await pair.prove_takeover()
    lists = [r for r in pair.follower.requests() if r.verb == "list" and r.at > killed]
    own = pair.follower.installation.namespace
    assert {(r.resource, r.namespace) for r in lists} == {("secrets", own), ("leases", own)}


async def test_a_leader_that_cannot_renew_its_lease_stops_itself(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with Operator.run(installation, configuration) as operator:
        await operator.wait_leading()

        async with installation.lacking("leases", "update"):
            status = await operator.wait_ended(within=8)

    assert status == 1
    assert operator.lines("the operator failed")[0]["exception"] == "LostLeadershipError"
