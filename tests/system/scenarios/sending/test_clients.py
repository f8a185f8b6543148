"""Programs that nobody here wrote send through a gateway to real mail servers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.clients.applications import FILES, send
from lab.clients.programs import Ended, Login
from lab.clients.swaks import WAYS, swaks
from lab.stand.eventually import eventually
from lab.stand.gateway_process import Gateway
from lab.stand.installation import Installation
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import available, connected
from lab.stand.world import World
from system.scenarios.sending.applications import application_of, gateway_section, known_of
from system.scenarios.sending.providers import ADDRESSES, NAMES, Providers

pytestmark = [pytest.mark.cluster, pytest.mark.sending, pytest.mark.asyncio(loop_scope="module")]

CLIENTS: Final = (*FILES, *(f"swaks-{way}" for way in WAYS))
METHODS: Final = {"plain": "PLAIN", "token": "XOAUTH2"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def providers(world: World) -> AsyncIterator[Providers]:
    async with Providers.running(world) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(
    installation: Installation, world: World, providers: Providers
) -> AsyncIterator[Operator]:
    content = providers.configuration(world, gateway=gateway_section())
    async with Operator.run(installation, installation.write_configuration(content)) as running:
        yield await running.wait_leading()


@pytest.fixture(scope="module")
def configured(installation: Installation, world: World, providers: Providers) -> Path:
    content = providers.configuration(world, gateway=gateway_section())
    return installation.write_configuration(content, "gateway")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def logins(
    world: World, operator: Operator, gateway: Gateway, providers: Providers
) -> AsyncIterator[Mapping[str, Login]]:
    """Logins by the name of the Mailbox, each of which is connected."""
    async with Scene.open(world, operator) as scene:
        for name in NAMES:
            await scene.apply(*providers.manifests(world, name))
        for name in NAMES:
            await scene.until(connected(), name)
            await scene.until_sender(available(), name)
        yield {
            name: await known_of(await application_of(scene, gateway, f"{name}-smtp"), gateway)
            for name in NAMES
        }


async def sent_by(client: str, login: Login, to: str, directory: Path) -> Ended:
    """Send one message by a program."""
    if client in FILES:
        return await send(client, login, to, directory)
    return await swaks(login, directory, to, client.removeprefix("swaks-"))


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", NAMES)
async def test_a_program_sends_to_a_real_server(
    logins: Mapping[str, Login], providers: Providers, tmp_path: Path, name: str, client: str
) -> None:
    to = f"joe+{name}-{client}@acme.example"

    ended = await sent_by(client, logins[name], to, tmp_path)

    assert ended.status == 0, ended.said
    header = f"To: {to}".encode()
    kept = await eventually(
        partial(asyncio.to_thread, providers.arrived), lambda all_: header in all_
    )
    assert kept.count(header) == 1


@pytest.mark.parametrize(("name", "method"), METHODS.items())
async def test_the_gateway_logs_in_at_the_provider_by(
    logins: Mapping[str, Login], providers: Providers, tmp_path: Path, name: str, method: str
) -> None:
    ended = await swaks(logins[name], tmp_path, f"joe+{method}@acme.example")

    assert ended.status == 0, ended.said
    assert f"sasl_method={method}, sasl_username={ADDRESSES[name]}" in providers.log()
