"""Under Managed an address belongs to who proves it, not to who declares it first."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lab.stand.installation import Installation
from lab.stand.operator_process import Operator
from lab.stand.standings import connected, unverified, waiting
from lab.stand.world import World
from system.scenarios.rivals import Play

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    configuration = installation.write_configuration(world.configuration(claims={"grace": "10m"}))
    async with Operator.run(installation, configuration) as running:
        yield await running.wait_leading()


@pytest_asyncio.fixture(loop_scope="module")
async def play(world: World, operator: Operator) -> AsyncIterator[Play]:
    async with Play.open(world, operator) as opened:
        yield opened


async def test_a_tenants_own_server_claims_no_address_and_has_no_relay(play: Play) -> None:
    await play.declare(play.rival, play.own)

    squatting = await play.rival.until(unverified())

    assert "claimedAt" not in squatting["status"]
    assert play.witnessed == []
    await play.declare(play.owner)
    owning = await play.owner.until(connected())
    assert owning["status"]["claimedAt"]
    assert play.witnessed == [play.address]


async def test_a_stranger_does_not_learn_that_an_address_is_claimed(play: Play) -> None:
    await play.declare(play.rival, play.own)
    before = (await play.rival.until(unverified()))["status"]
    await play.declare(play.owner)
    await play.owner.until(connected())

    await play.look_again("claimed")

    after = (await play.rival.mailbox())["status"]
    assert after == before | {"lastHandledReconnectAt": "claimed"}


async def test_a_mailbox_that_is_created_again_keeps_its_address(play: Play) -> None:
    await play.contest()

    await play.delete()
    await play.look_again("deleted")
    await play.rival.until(waiting("AlreadyClaimed"))
    await play.declare(play.owner)

    await play.owner.until(connected())
    await play.look_again("created again")
    await play.rival.until(waiting("AlreadyClaimed"))


async def test_a_bound_domain_is_refused_to_others_before_anybody_is_dialled(play: Play) -> None:
    bound = {"domains": [{"name": "acme.example", "namespaces": [play.owner.namespace]}]}
    await play.offer(**bound)
    await play.declare(play.rival, play.own)
    await play.declare(play.owner, play.own)

    await play.rival.until(waiting("DomainNotAllowed"))
    owning = await play.owner.until(connected())

    assert owning["status"]["claimedAt"]
    assert play.own.connections == len(play.own.attempts) == 1


async def test_the_operator_notices_when_a_domain_is_bound(play: Play) -> None:
    await play.declare(play.rival, play.own)
    await play.declare(play.owner, play.own)
    await play.rival.until(unverified())
    await play.owner.until(unverified())

    await play.offer(domains=[{"name": "acme.example", "namespaces": [play.owner.namespace]}])

    await play.owner.until(connected())
    await play.rival.until(waiting("DomainNotAllowed"))
