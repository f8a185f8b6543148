"""What the scenarios of sending share: an operator and a gateway for each module, an application."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.smtp import SmtpServer
from lab.stand.cluster import Cluster
from lab.stand.gateway_process import Application, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password, sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import available, connected
from lab.stand.world import World
from system.scenarios.sending.applications import application_of, gateway_section

OPTIONS: Final = ("--set", "gateway.enabled=true")


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
    """One operator for the tests of a module."""
    content = world.configuration(gateway=gateway_section())
    configuration = installation.write_configuration(content)
    async with Operator.run(installation, configuration) as running:
        yield await running.wait_leading()


@pytest.fixture(scope="module")
def configured(installation: Installation, world: World) -> Path:
    """Write the configuration of a gateway."""
    content = world.configuration(gateway=gateway_section())
    return installation.write_configuration(content, "gateway")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(
    operator: Operator, installation: Installation, configured: Path
) -> AsyncIterator[Gateway]:
    """A gateway beside the operator."""
    del operator  # it makes the key and the certificate
    async with Gateway.serve(installation, configured) as running:
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
    return await application_of(scene, gateway)
