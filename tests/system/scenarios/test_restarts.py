"""The operator is killed, or the API server goes away and comes back."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from lab.servers.smtp import Mischief, Stage
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import GROUP, at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, retrying, stalled
from lab.stand.world import GOOD, QUICK, World
from mailbox_operator.decide.refusals.ledger import OF_ONE_TENANT

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

PATIENT: Final = {"leaseDuration": "60s", "renewDeadline": "45s", "retryPeriod": "1s"}
SILENT: Final = replace(GOOD, mischief={Stage.AUTH: Mischief.HANG})
LIMITED: Final = f"{GROUP}/sending-limit-reached-at"
TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
KNOWN: Final = tuple(f"known-{number}" for number in range(10))
MANY: Final = replace(
    GOOD, accounts={f"{name}@acme.example": "right" for name in KNOWN}, senders=None
)
"""An account for each: of one, fewer logins may be under way when an operator is killed."""


async def test_a_killed_operator_takes_up_where_it_was(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with (
        world.server(MANY) as server,
        world.server(SILENT) as silent,
        Operator.run(installation, configuration) as first,
        Scene.open(world, first) as scene,
    ):
        await first.wait_leading()
        await scene.apply(password())
        for name in KNOWN:
            spec = at(server, address=f"{name}@acme.example", checkInterval="24h")
            await scene.apply(mailbox(spec, name))
        await asyncio.gather(*(scene.until(connected(), name) for name in KNOWN))
        await scene.apply(mailbox(at(silent)))
        await eventually(lambda: asyncio.sleep(0, silent.open_now))

        await first.kill()
        silent.behaviour = GOOD
        async with Operator.run(installation, configuration) as second:
            scene.operator = second
            await scene.until(connected(), within=30)

            assert [len(scene.writes(name)) for name in KNOWN] == [1] * len(KNOWN)
    assert server.connections == len(KNOWN)


async def test_logins_that_a_killed_operator_left_are_waited_for_and_no_server_is_blamed(
    world: World, installation: Installation
) -> None:
    slow = {"connect": "2s", "command": "1m", "otherPort": "1s", "attempt": "2m"}
    unhurried = installation.write_configuration(
        world.configuration(timeouts=slow, leaderElection=QUICK), "slow"
    )
    usual = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with (
        world.server(SILENT) as silent,
        world.server() as server,
        Operator.run(installation, unhurried) as first,
        Scene.open(world, first) as scene,
    ):
        await first.wait_leading()
        await scene.apply(password())
        shared = {"address": "shared@acme.example"}
        for number in range(OF_ONE_TENANT):
            await scene.apply(mailbox(at(silent, **shared), f"shared-{number}"))
        await eventually(lambda: asyncio.sleep(0, silent.auths == OF_ONE_TENANT))
        await first.kill()
        await silent.stop()

        async with Operator.run(installation, usual) as second:
            scene.operator = second
            await scene.apply(mailbox(at(server, **shared)))
            await eventually(lambda: asyncio.sleep(0, server.connections == 2), within=60)

            assert (scene.attempts(), server.auths) == ([], 0)


async def test_an_attempt_cut_short_after_it_was_announced_is_made_again(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with world.server() as server, Operator.run(installation, configuration) as first:
        await first.wait_leading()
        async with Scene.open(world, first) as scene:
            await scene.apply(password(), mailbox(at(server)))
            await scene.until(connected())
            server.behaviour = SILENT
            await scene.change({"displayName": "Jane"})
            await eventually(scene.mailbox, lambda it: it["status"]["observedGeneration"] == 2)

            await first.kill()
            server.behaviour = GOOD
            async with Operator.run(installation, configuration) as second:
                scene.operator = second
                await scene.until(connected(), within=30)


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_an_operator_outlives_its_api_server(
    world: World, installation: Installation, *, kill: bool
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=PATIENT))
    async with world.server() as server, Operator.run(installation, configuration) as operator:
        await operator.wait_leading()
        async with Scene.open(world, operator) as scene:
            await scene.apply(password("wrong"), mailbox(at(server)))
            await scene.until(stalled("InvalidCredentials"))

            # In this very thread: the API server dies with the one that starts it.
            installation.cluster.plane.restart_api_server(kill=kill)
            await scene.apply(password("right"))

            await scene.until(connected(), within=45)
        assert operator.is_running


async def test_a_secret_written_while_no_operator_ran_is_read_and_dials_nobody(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    written = {"metadata": {"annotations": {"reconciled-at": "12:00"}}}
    async with world.server() as server, Operator.run(installation, configuration) as first:
        await first.wait_leading()
        async with Scene.open(world, first) as scene:
            await scene.apply(password(), mailbox(at(server, checkInterval="24h")))
            await scene.until(connected())
            await first.terminate()
            read = scene.reads()
            await scene.cluster.merge("Secret", "jane", written, scene.namespace)

            async with Operator.run(installation, configuration) as second:
                scene.operator = second
                await second.wait_leading()
                await scene.until_read(read + 1)
                await scene.apply(mailbox(at(server), "new"))
                await scene.until(connected(), "new")

                assert len(scene.writes()) == 1
                assert scene.attempts() == []


async def test_a_sending_limit_that_was_met_while_no_operator_ran_is_shown_by_the_next_one(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with world.server() as server, Operator.run(installation, configuration) as first:
        await first.wait_leading()
        async with Scene.open(world, first) as scene:
            await scene.apply(password(), mailbox(at(server, checkInterval="24h")))
            await scene.until(connected())
            await first.terminate()
            noted = {
                "metadata": {"annotations": {LIMITED: datetime.now(UTC).strftime(TIME_FORMAT)}}
            }
            await scene.cluster.merge("Mailbox", "jane", noted, scene.namespace)

            async with Operator.run(installation, configuration) as second:
                scene.operator = second
                await scene.until(retrying("SendingLimitReached"), within=30)
