"""Four replicas share the work: each Mailbox is one's, however they come, go and stand still."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
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
from lab.stand.world import GOOD, World
from mailbox_operator.decide.cluster.shards import SHARDS

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

REPLICAS: Final = 4
TEAM: Final = tuple(f"member-{number}" for number in range(24))
SERVER: Final = replace(
    GOOD, accounts={f"{name}@acme.example": "right" for name in TEAM}, senders=None
)
TERMS: Final = {"leaseDuration": "9s", "renewDeadline": "6s", "retryPeriod": "1s"}
"""So that a busy machine ends no leadership."""

SHARED_WITHIN: Final = 60.0


@dataclass(slots=True)
class Fleet:
    """Replicas of one installation, and Mailboxes that all of them connect."""

    installation: Installation
    configuration: Path
    stack: AsyncExitStack
    replicas: list[Operator]
    scene: Scene
    server: SmtpServer

    async def add(self) -> Operator:
        """Start one replica more."""
        started = Operator.run(self.installation, self.configuration)
        replica = await self.stack.enter_async_context(started)
        self.replicas.append(replica)
        return await replica.wait_ready()

    async def held(self) -> list[int]:
        """Ask each replica how many shards it holds."""
        return [await each.shards() for each in self.replicas]

    async def share(self, *parts: int) -> None:
        """Wait until the replicas hold so many, in any order."""
        tell = "\n".join(each.tail() for each in self.replicas)
        await eventually(
            self.held, lambda found: sorted(found) == sorted(parts), SHARED_WITHIN, lambda: tell
        )

    def attempts(self, name: str) -> list[int]:
        """Count the attempts of each replica for a Mailbox."""
        return [len(each.attempts(name)) for each in self.replicas]

    async def prove_all_are_worked_on(self, asked: str) -> None:
        """Ask for an attempt for each Mailbox: each is made once, by one login."""
        before, auths = (
            {name: sum(self.attempts(self.path(name))) for name in TEAM},
            self.server.auths,
        )
        for name in TEAM:
            await self.scene.reconnect(asked, name)

        async def handled() -> list[str]:
            found = [await self.scene.mailbox(name) for name in TEAM]
            return [x["status"].get("lastHandledReconnectAt", "") for x in found]

        await eventually(handled, lambda found: set(found) == {asked}, SHARED_WITHIN)
        made = {name: sum(self.attempts(self.path(name))) - before[name] for name in TEAM}
        assert set(made.values()) == {1}
        assert self.server.auths == auths + len(TEAM)
        assert self.server.most_open_of_one_user == 1

    def path(self, name: str) -> str:
        """Name a Mailbox as the log does."""
        return f"{self.scene.namespace}/{name}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started(world: World, installation: Installation) -> AsyncIterator[Fleet]:
    configuration = installation.write_configuration(world.configuration(leaderElection=TERMS))
    async with AsyncExitStack() as stack, world.server(SERVER) as server:
        first = await stack.enter_async_context(Operator.run(installation, configuration))
        scene = await stack.enter_async_context(Scene.open(world, await first.wait_leading()))
        made = Fleet(installation, configuration, stack, [first], scene, server)
        await made.share(SHARDS)
        await scene.apply(password())
        for name in TEAM:
            spec = at(server, address=f"{name}@acme.example", checkInterval="24h")
            await scene.apply(mailbox(spec, name))
        await asyncio.gather(*(scene.until(connected(), name) for name in TEAM))
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def fleet(started: Fleet) -> Fleet:
    """Have four replicas; nobody is dialled because shards move to those that are added."""
    fleet, auths = started, started.server.auths
    while len(fleet.replicas) < REPLICAS:
        await fleet.add()
    await fleet.share(3, 3, 3, 3)
    assert fleet.server.auths == auths
    return fleet


async def test_each_of_four_replicas_works_on_its_part(fleet: Fleet) -> None:
    await fleet.prove_all_are_worked_on("all")

    shares = [
        sum(bool(each.attempts(fleet.path(name))) for name in TEAM) for each in fleet.replicas
    ]
    assert all(shares)


async def test_a_replica_that_was_killed_is_replaced_by_the_others(fleet: Fleet) -> None:
    killed, auths = fleet.replicas.pop(), fleet.server.auths
    await killed.kill()

    await fleet.share(4, 4, 4)

    assert fleet.server.auths == auths
    await fleet.prove_all_are_worked_on("after a kill")


async def test_a_replica_that_stood_still_finds_its_shards_taken_and_gets_others(
    fleet: Fleet,
) -> None:
    still = fleet.replicas.pop()
    still.pause()
    await fleet.share(4, 4, 4)
    await fleet.prove_all_are_worked_on("meanwhile")

    still.resume()
    fleet.replicas.append(still)

    await fleet.share(3, 3, 3, 3)
    assert still.lines("shards lost: not renewed in time")
    await fleet.prove_all_are_worked_on("afterwards")


async def test_a_rolling_restart_dials_nobody_and_leaves_nobody_out(fleet: Fleet) -> None:
    auths = fleet.server.auths

    for old in list(fleet.replicas):
        await fleet.add()
        fleet.replicas.remove(old)
        assert await old.terminate() == 0

    await fleet.share(3, 3, 3, 3)
    assert fleet.server.auths == auths
    await fleet.prove_all_are_worked_on("after a restart")
