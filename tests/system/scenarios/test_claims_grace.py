"""An address outlasts its Mailbox for a while, and its proof for a while, under any leader."""

from datetime import timedelta

import pytest

from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import password
from lab.stand.operator_process import Operator
from lab.stand.standings import connected, stalled, waiting
from lab.stand.world import QUICK, World
from system.scenarios.rivals import Play

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


async def test_an_address_passes_to_the_waiting_mailbox_when_its_own_does_not_come_back(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(claims={"grace": "2s"}))
    async with (
        Operator.run(installation, configuration) as operator,
        Play.open(world, await operator.wait_leading(within=20)) as play,
    ):
        await play.contest()

        await play.delete()

        await play.rival.until(connected())


async def test_an_address_waits_for_its_mailbox_through_a_takeover(
    world: World, installation: Installation
) -> None:
    settings = world.configuration(claims={"grace": "10m"}, leaderElection=QUICK)
    configuration = installation.write_configuration(settings)
    async with (
        Operator.run(installation, configuration) as first,
        Operator.run(installation, configuration) as second,
    ):
        await first.wait_ready()
        await second.wait_ready()
        leader, follower = await in_order(first, second)
        async with Play.open(world, leader) as play:
            await play.contest()
            await play.delete()
            await play.look_again("deleted")

            await leader.kill()
            await follower.wait_leading(within=20)

            await play.look_again("after the takeover")
            await play.rival.until(waiting("AlreadyClaimed"))
            await play.declare(play.owner)
            await play.owner.until(connected())


async def test_an_address_that_is_not_proved_for_long_passes_to_the_mailbox_that_proves_it(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(claims={"lapse": "1s"}))
    async with (
        Operator.run(installation, configuration) as operator,
        Play.open(world, await operator.wait_leading(within=20)) as play,
    ):
        await play.contest()
        await play.owner.apply(password("forgotten"))
        failing = await play.owner.until(stalled("InvalidCredentials"))
        await play.past(failing["status"]["unprovedSince"], timedelta(seconds=2))

        await play.look_again("lapsed")
        taken = await play.rival.until(connected())
        await play.owner.apply(password())
        lost = await play.owner.until(waiting("AlreadyClaimed"))

        assert taken["status"]["claimedAt"] > failing["status"]["claimedAt"]
        assert not {"claimedAt", "unprovedSince"} & set(lost["status"])
        await play.look_again("kept")
        await play.rival.until(connected())


async def in_order(first: Operator, second: Operator) -> tuple[Operator, Operator]:
    """Wait until one leads; name it first."""

    async def leading() -> list[Operator]:
        return [each for each in (first, second) if await each.is_leading()]

    (leader,) = await eventually(leading, lambda found: len(found) == 1, 20, first.tail)
    return (first, second) if leader is first else (second, first)
