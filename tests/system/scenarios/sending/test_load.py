"""Gateways end, are killed, and lose the API server while applications send."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.gateway import FINE, Gateway as Between, Weather
from lab.servers.smtp import SmtpServer
from lab.stand.eventually import eventually
from lab.stand.gateway_process import COMPLETED, Application, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password, sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import available, connected
from lab.stand.world import GOOD, World
from system.scenarios.sending.applications import application_of, login_of
from system.scenarios.sending.load import Load, subjects

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.sending,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
    pytest.mark.usefixtures("flowing"),
]

APPLICATIONS: Final = 8
AWAY_SECONDS: Final = 60.0
KEY: Final = "mailbox-operator-login-key"
LEAF: Final = "mailbox-operator-gateway-tls"

SLOW: Final = replace(GOOD, latency_seconds=0.2)
MAY_BE_DUE: Final = "90s"
IS_DUE_LATER: Final = "2m"
"""A periodic check comes at most a tenth earlier or later."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A Mailbox that mail goes through all the time, beside an idle one."""

    scene: Scene
    server: SmtpServer
    load: Load


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def flowing(world: World, operator: Operator, gateway: Gateway) -> AsyncIterator[Flow]:
    """Let mail flow from the first test of the module on: the last one sees what came of it."""
    async with (
        Scene.open(world, operator) as scene,
        world.server(SLOW) as server,
        world.server() as idle,
    ):
        await scene.apply(password(), mailbox(at(server, checkInterval=MAY_BE_DUE), "busy"))
        await scene.until(connected(), "busy")
        await scene.apply(mailbox(at(idle, checkInterval=IS_DUE_LATER), "idle"), sender("busy"))
        await scene.until_sender(available())
        async with Load.of(await application_of(scene, gateway)) as load:
            yield Flow(scene, server, load)


async def another(application: Application, gateway: Gateway) -> Application:
    """Have an application connect to another gateway."""
    await gateway.wait_ready()
    port, _ = await gateway.ports()
    return replace(application, port=port)


async def test_a_gateway_that_has_to_end_answers_what_is_under_way(
    application: Application, server: SmtpServer, installation: Installation, configured: Path
) -> None:
    async with Gateway.serve(installation, configured) as ending:
        there = await another(application, ending)
        server.behaviour = replace(server.behaviour, latency_seconds=0.2)
        async with Load.of(*[there] * APPLICATIONS) as load:
            await load.until_acknowledged(APPLICATIONS)

            status = await ending.terminate()

    assert status == 0
    assert load.codes <= {COMPLETED, 421}
    assert sorted(subjects(server)) == sorted(load.acknowledged)


async def test_a_killed_gateway_has_lost_nothing_that_it_acknowledged(
    application: Application, server: SmtpServer, installation: Installation, configured: Path
) -> None:
    async with Gateway.serve(installation, configured) as killed:
        there = await another(application, killed)
        async with Load.of(*[there] * APPLICATIONS) as load:
            await load.until_acknowledged(5 * APPLICATIONS)

            await killed.kill()

    taken = subjects(server)
    assert load.acknowledged <= set(taken)
    assert len(taken) == len(set(taken))
    assert len(taken) - len(load.acknowledged) <= APPLICATIONS


async def test_mail_flows_while_the_api_server_is_away_for_a_minute(
    application: Application,
    server: SmtpServer,
    installation: Installation,
    configured: Path,
    tmp_path: Path,
) -> None:
    plane = installation.cluster.plane
    tls = ssl.create_default_context(cafile=plane.ca)
    async with Between.running(plane.url, tls) as between:
        plain = {"server": between.url, "certificate-authority-data": None}
        own = await installation.as_gateway()
        behind = own.at(tmp_path / "kubeconfig", **plain)
        async with Gateway.act_as(behind, configured) as cut_off:
            there = await another(application, cut_off)
            async with Load.of(there) as load:
                await load.until_acknowledged(1)
                await between.turn(Weather(is_cut=True))
                await asyncio.sleep(AWAY_SECONDS)
                await load.until_acknowledged(1)
                await between.turn(FINE)
                await load.until_acknowledged(1)

    assert (load.codes, load.lost) == ({COMPLETED}, set())
    assert sorted(subjects(server)) == sorted(load.acknowledged)


async def test_a_rotated_key_refuses_no_application_that_has_its_former_password(
    application: Application, scene: Scene
) -> None:
    kept = await scene.cluster.find("Secret", KEY, scene.platform_namespace)
    assert kept is not None
    rotated = {"data": {"previous": kept["data"]["current"], "current": None}}
    former = application.login["password"]

    async def told() -> dict[str, str]:
        return await login_of(scene)

    async with Load.of(application) as load:
        await load.until_acknowledged(1)
        await scene.cluster.merge("Secret", KEY, rotated, scene.platform_namespace)
        new = await eventually(told, lambda found: found["password"] != former)
        renewed = replace(application, login=new)
        await eventually(renewed.send, lambda reply: reply[0] == COMPLETED, within=20)
        await load.until_acknowledged(3)

    assert load.codes == {COMPLETED}


async def test_a_renewed_certificate_drops_no_application(
    application: Application, scene: Scene, gateway: Gateway
) -> None:
    taken = len(gateway.lines("certificate taken"))
    async with Load.of(*[application] * 2) as load:
        await load.until_acknowledged(1)
        await scene.cluster.delete("Secret", LEAF, scene.platform_namespace)

        async def renewed() -> bool:
            return len(gateway.lines("certificate taken")) > taken

        await eventually(renewed, within=140)
        await load.until_acknowledged(3)

    assert (load.codes, load.lost) == ({COMPLETED}, set())


async def test_a_mailbox_that_mail_goes_through_is_not_checked_meanwhile(flowing: Flow) -> None:
    await flowing.scene.until_attempted(2, "idle", within=150)

    assert len(flowing.scene.attempts("busy")) == 1
    assert flowing.server.auths == 2, "one for the check, one for all the mail"
    assert flowing.load.codes == {COMPLETED}
