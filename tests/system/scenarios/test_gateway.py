"""An application sends through its Mailbox by what is in one Secret, and knows no provider."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from lab.controlplane.ports import free_ports
from lab.servers.smtp import SmtpServer
from lab.stand.cluster import Cluster
from lab.stand.consents import APP
from lab.stand.eventually import eventually
from lab.stand.gateway_process import HOST, Application, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import ADDRESS, RECONNECT, at, mailbox, password, secret, sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE
from lab.stand.standings import available, connected
from lab.stand.world import World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

PORTS: Final = tuple(free_ports(2))
ASKED: Final = {"metadata": {"annotations": {RECONNECT: "now"}}}
OPTIONS: Final = ("--set", "gateway.enabled=true")


def gateway_section(number: int) -> dict[str, Any]:
    """Write the part of the configuration; the second gateway listens where a port is free."""
    ports = PORTS if number == 0 else (0, 0)
    listen = {"address": "127.0.0.1", "port": ports[0], "tlsPort": ports[1]}
    return {"host": HOST, "port": PORTS[0], "tlsPort": PORTS[1], "listen": listen}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def installation(
    cluster: Cluster, helm: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """What the chart installs with the gateway."""
    directory = tmp_path_factory.mktemp("operator")
    async with Installation.of(cluster, helm, directory, *OPTIONS) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    """One operator for the tests of this module."""
    content = world.configuration(gateway=gateway_section(0))
    configuration = installation.write_configuration(content)
    async with Operator.run(installation, configuration) as running:
        yield await running.wait_leading()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(
    operator: Operator, installation: Installation, world: World
) -> AsyncIterator[Gateway]:
    """A gateway beside it."""
    content = world.configuration(gateway=gateway_section(0))
    configuration = installation.write_configuration(content, "gateway")
    async with Gateway.serve(installation, configuration) as running:
        await running.wait_ready()
        await running.ports()
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def server(world: World) -> AsyncIterator[SmtpServer]:
    """A mail server that takes one login."""
    async with world.server() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def application(scene: Scene, server: SmtpServer, gateway: Gateway) -> Application:
    """An application whose Sender names one connected Mailbox."""
    await scene.apply(password(), mailbox(at(server)), sender("jane"))
    await scene.until(connected())
    await scene.until_sender(available())
    return await application_of(scene)


async def application_of(scene: Scene) -> Application:
    found = await scene.cluster.find("Secret", "app-smtp", scene.namespace)
    assert found is not None
    login = {key: base64.b64decode(value).decode() for key, value in found["data"].items()}
    return Application(login, int(login["port"]))


async def test_an_application_sends_by_what_is_in_its_secret(application: Application) -> None:
    code, text = await application.send()

    assert code == 250, text


async def test_a_foreign_author_is_refused(application: Application) -> None:
    code, text = await application.send(**{"from": "ceo@acme.example"})

    assert (code, text) == (
        553,
        f"5.7.1 the header From must contain {ADDRESS} and no other address",
    )


async def test_a_deleted_sender_is_out_within_a_second(
    application: Application, scene: Scene
) -> None:
    await scene.cluster.delete("Sender", "app", scene.namespace)

    async def told() -> tuple[int, str]:
        return await application.send()

    await eventually(told, lambda reply: reply[0] == 535, within=2)


async def test_an_application_sends_through_a_google_mailbox_and_learns_of_its_grant(
    scene: Scene, world: World, gateway: Gateway
) -> None:
    world.grant("1//given")
    await scene.apply(secret(APP | {"refresh-token": "1//given"}), mailbox(GOOGLE), sender("jane"))
    await scene.until(connected())
    await scene.until_sender(available())
    application = await application_of(scene)
    sent = await eventually(application.send, lambda reply: reply[0] == 250)
    assert b"from: " + ADDRESS.encode() in world.google.messages[-1].lower()

    world.oauth.revoke_account(ADDRESS)
    await scene.cluster.merge("Mailbox", "jane", ASKED, scene.namespace)
    refused = await eventually(application.send, lambda reply: "GrantRevoked" in reply[1], 60)
    world.grant("1//again")
    await scene.apply(secret(APP | {"refresh-token": "1//again"}))
    back = await eventually(application.send, lambda reply: reply[0] == 250, 60)

    assert refused[0] == 451
    assert sent == back
