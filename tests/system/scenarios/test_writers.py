"""Two that write one status: a leader that stood still, and anybody else who may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import pytest

from lab.servers.smtp import Behaviour, Mischief, SmtpServer, Stage
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled
from lab.stand.world import GOOD, QUICK, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

TEAM: Final = tuple(f"member-{number}" for number in range(5))
ACCOUNTS: Final = {f"{name}@acme.example": "right" for name in TEAM}
SERVER: Final = replace(GOOD, accounts=ACCOUNTS, senders=None)
PATIENT: Final = {"connect": "2s", "command": "60s", "otherPort": "1s", "attempt": "90s"}


@asynccontextmanager
async def paused(operator: Operator) -> AsyncIterator[None]:
    """Have an operator stand still as long as the block lasts."""
    operator.pause()
    try:
        yield
    finally:
        operator.resume()


async def declare(scene: Scene, server: SmtpServer) -> None:
    """Declare a mailbox for each of the team."""
    await scene.apply(password())
    for name in TEAM:
        spec = at(server, address=f"{name}@acme.example", checkInterval="24h")
        await scene.apply(mailbox(spec, name))


async def versions(scene: Scene) -> dict[str, Any]:
    """Read the resourceVersion of each mailbox."""
    return {name: (await scene.mailbox(name))["metadata"]["resourceVersion"] for name in TEAM}


async def test_a_leader_that_was_paused_overwrites_no_status_of_its_successor(
    world: World, installation: Installation
) -> None:
    configured = world.configuration(leaderElection=QUICK, timeouts=PATIENT)
    configuration = installation.write_configuration(configured)
    slow = replace(SERVER, mischief={Stage.QUIT: Mischief.HANG})
    async with (
        Operator.run(installation, configuration) as leader,
        Scene.open(world, await leader.wait_leading()) as scene,
        world.server(slow) as server,
    ):
        await declare(scene, server)
        await eventually(lambda: reached(server), lambda auths: auths == len(TEAM))

        async with Operator.run(installation, configuration) as follower:
            await follower.wait_ready()  # all work is still the leader's, and does not end
            scene.operator = follower
            async with paused(leader):
                server.behaviour = Behaviour(accounts={})
                await follower.wait_leading()
                for name in TEAM:
                    await scene.until(stalled("InvalidCredentials"), name)
                before = await versions(scene)

            assert await leader.wait_ended() == 1
            assert await versions(scene) == before


async def reached(server: SmtpServer) -> int:
    """Count the logins at a server."""
    return server.auths


async def test_a_status_that_another_writer_changed_is_corrected(
    scene: Scene, world: World
) -> None:
    async with world.server() as server:
        await scene.apply(password(), mailbox(at(server, checkInterval="24h")))
        found = await scene.until(connected())
        lie = [{**each, "status": "Unknown"} for each in found["status"]["conditions"]]

        await scene.cluster.merge_status("jane", {"conditions": lie}, scene.namespace)

        await scene.until(connected())
        assert len(scene.attempts()) == 2


async def test_a_foreign_annotation_wakes_nobody(scene: Scene, world: World) -> None:
    async with world.server() as server:
        await scene.apply(password(), mailbox(at(server, checkInterval="24h")))
        await scene.until(connected())

        change = {"metadata": {"annotations": {"another/tool": "was here"}}}
        await scene.cluster.merge("Mailbox", "jane", change, scene.namespace)
        await scene.reconnect("now")

        await scene.until_attempted(2)
        await eventually(lambda: handled(scene), lambda value: value == "now")
        assert len(scene.attempts()) == 2


async def handled(scene: Scene) -> str:
    """Read which request for an attempt was handled last."""
    found: str = (await scene.mailbox())["status"].get("lastHandledReconnectAt", "")
    return found
