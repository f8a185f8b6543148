"""Refused logins are remembered when the operator is killed, stopped or replaced."""

import pytest

from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected
from lab.stand.world import QUICK, World
from mailbox_operator.decide.refusals.ledger import OF_AN_ACCOUNT, OF_ONE_TENANT
from system.scenarios.guesser import Guesser, kept, serving

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


async def test_a_killed_operator_remembers_the_refusals(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with (
        world.server(serving("kim@acme.example")) as server,
        Operator.run(installation, configuration) as first,
        Scene.open(world, first) as scene,
    ):
        await first.wait_leading()
        tenant = Guesser(scene, server, "kim@acme.example")
        before = len(await kept(scene))
        await tenant.guess("first")
        await eventually(lambda: kept(scene), lambda rows: len(rows) >= before + OF_ONE_TENANT)

        await first.kill()
        async with Operator.run(installation, configuration) as second:
            scene.operator = second
            await second.wait_leading()
            await tenant.guess("second")

            assert server.auths == OF_ONE_TENANT


async def test_a_mailbox_that_was_connected_before_a_restart_is_not_held_back_after_it(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with (
        world.server(serving("pat@acme.example")) as server,
        Operator.run(installation, configuration) as first,
        Scene.open(world, first) as scene,
        Scene.open(world, first) as other,
        Scene.open(world, first) as owner,
    ):
        await first.wait_leading()
        spec = at(server, address="pat@acme.example", checkInterval="30s")
        await owner.apply(password(), mailbox(spec, "pat"))
        await owner.until(connected(), "pat")
        before = len(await kept(scene))
        await Guesser(scene, server, "pat@acme.example").guess("first")
        await Guesser(other, server, "pat@acme.example").guess("second")
        await eventually(lambda: kept(scene), lambda rows: len(rows) >= before + OF_AN_ACCOUNT)

        await first.kill()
        async with Operator.run(installation, configuration) as second:
            owner.operator = second
            await second.wait_leading()
            await owner.until_attempted(1, "pat", within=40)

            assert owner.attempts("pat")[0]["message"] == "attempt succeeded"


async def test_the_other_replica_remembers_the_refusals(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with (
        world.server(serving("lou@acme.example")) as server,
        Operator.run(installation, configuration) as first,
        Scene.open(world, first) as scene,
    ):
        await first.wait_leading()
        async with Operator.run(installation, configuration) as second:
            scene.others = (await second.wait_ready(),)
            tenant = Guesser(scene, server, "lou@acme.example")
            await tenant.guess("first")

            await first.terminate()
            scene.operator, scene.others = second, (first,)
            await second.wait_leading()
            await tenant.guess("second")

            assert server.auths == OF_ONE_TENANT
