"""Mailboxes and Secrets that are deleted and created again under their names, over and over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.smtp import SmtpServer
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected
from lab.stand.world import GOOD, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

TEAM: Final = tuple(f"member-{number}" for number in range(20))
CYCLES: Final = 100
SERVER: Final = replace(
    GOOD, accounts={f"{name}@acme.example": "right" for name in TEAM}, senders=None
)


@pytest_asyncio.fixture(loop_scope="module")
async def scene(world: World, installation: Installation) -> AsyncIterator[Scene]:
    """An operator that sweeps all the time."""
    intervals = {"transient": ["1s", "2s"], "sweep": "1s"}
    patient = {"leaseDuration": "60s", "renewDeadline": "50s", "retryPeriod": "5s"}
    limits = {"attemptsPerSecond": 10}
    configured = world.configuration(intervals=intervals, limits=limits, leaderElection=patient)
    async with (
        Operator.run(installation, installation.write_configuration(configured)) as operator,
        Scene.open(world, await operator.wait_leading()) as opened,
    ):
        yield opened


async def recreate(scene: Scene, server: SmtpServer, name: str, times: int) -> None:
    """Create a mailbox, and do so again right after each deletion."""
    declared = mailbox(at(server, address=f"{name}@acme.example", checkInterval="24h"), name)
    await scene.apply(declared)
    for _ in range(times):
        await scene.cluster.delete("Mailbox", name, scene.namespace)
        await scene.apply(declared)


async def troubles(operator: Operator) -> list[str]:
    """Ask the liveness probe until cancelled; return what it said but ok."""
    found: list[str] = []
    try:
        while True:
            status, text = await operator.get("/healthz")
            if status != HTTPStatus.OK:
                found.append(text)
            await asyncio.sleep(0.5)
    except asyncio.CancelledError:
        return found


@pytest.mark.timeout(240)
async def test_no_mailbox_of_two_thousand_created_again_is_lost_and_the_probe_succeeds(
    scene: Scene, world: World
) -> None:
    async with world.server(SERVER) as server:
        await scene.apply(password())
        probing = asyncio.create_task(troubles(scene.operator))

        await asyncio.gather(*(recreate(scene, server, name, CYCLES) for name in TEAM))

        for name in TEAM:
            await scene.until(connected(), name, within=60)
        probing.cancel()
        assert await probing == []
    assert (await scene.operator.metrics())["mailbox_operator_watch_lagging_objects"] == 0


async def test_the_last_version_of_a_secret_created_again_and_again_counts(
    scene: Scene, world: World
) -> None:
    async with world.server(SERVER) as server:
        await scene.apply(mailbox(at(server, address=f"{TEAM[0]}@acme.example"), "jane"))

        for _ in range(50):
            await scene.apply(password("wrong"))
            await scene.cluster.delete("Secret", "jane", scene.namespace)
        await scene.apply(password("right"))

        await scene.until(connected(), within=60)
