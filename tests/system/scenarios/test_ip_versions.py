"""The operator as a whole where there is no IPv4, and where there is no IPv6."""

import sys
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from lab.stand.consents import APP, awaiting
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE
from lab.stand.standings import connected
from lab.stand.world import World
from system.scenarios import without_ipv6
from system.scenarios.ipv6_only import HOST, POD, IPv6Only

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

WITHOUT_IPV6: Final = (sys.executable, without_ipv6.__file__)
NO_IPV6: Final = "no IPv6 on this node, listening on IPv4 alone"
EVERY_IPV4_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - the expectation of a test


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network(installation: Installation, world: World) -> AsyncIterator[IPv6Only]:
    servers = installation.cluster.plane.servers
    assert servers is not None
    async with IPv6Only.open(world, servers.layout.api_port) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(
    installation: Installation, world: World, network: IPv6Only
) -> AsyncIterator[Operator]:
    """One whose pod has IPv6 alone; addresses to listen at are left to their defaults."""
    server = f"https://[{POD}]:{urlsplit(installation.cluster.plane.url).port}"
    certified = {"server": server, "tls-server-name": "127.0.0.1"}
    inside = installation.at(installation.directory / "six.kubeconfig", **certified)
    configuration = inside.write_configuration(network.configuration(world))
    async with Operator.run(inside, configuration, within=network.command) as running:
        running.answers_at(await network.door(network.port))
        yield await running.wait_leading()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_are_answered_without_ipv4(operator: Operator, path: str) -> None:
    status, _ = await operator.get(path)

    assert status == HTTPStatus.OK
    assert operator.lines("listening")[0]["address"][0] == "::"


async def test_a_mailbox_connects_without_ipv4(scene: Scene, world: World) -> None:
    tls = world.authority.server_context(HOST)
    async with world.server(context=tls) as server:
        await scene.apply(password(), mailbox(at(server, HOST)))

        found = await scene.until(connected())

    assert found["status"]["endpoint"]["host"] == HOST
    assert len(server.attempts) == 1


async def test_a_mailbox_connects_by_a_token_without_ipv4(scene: Scene, world: World) -> None:
    world.grant("1//without-ipv4")
    await scene.apply(secret(APP | {"refresh-token": "1//without-ipv4"}), mailbox(GOOGLE))

    await scene.until(connected())


async def test_the_consent_page_is_served_without_ipv4(scene: Scene, network: IPv6Only) -> None:
    link = urlsplit(await awaiting(scene))

    door = await network.door(network.page_port)
    async with aiohttp.ClientSession() as http, http.get(f"{door}{link.path}") as answer:
        text = await answer.text()

    assert (answer.status, "jane@acme.example" in text) == (HTTPStatus.OK, True)


async def test_an_operator_listens_on_ipv4_where_the_kernel_has_no_ipv6(
    installation: Installation, world: World
) -> None:
    content = {**world.configuration(), "listen": {"port": 0}}
    configuration = installation.write_configuration(content, "four")
    async with Operator.run(installation, configuration, within=WITHOUT_IPV6) as operator:
        await operator.wait_ready()

    assert [line["address"][0] for line in operator.lines("listening")] == [EVERY_IPV4_ADDRESS]
    assert len(operator.lines(NO_IPV6)) == 1


async def test_an_operator_says_in_one_line_that_it_cannot_listen_at_an_address_of_ipv6(
    installation: Installation, world: World
) -> None:
    content = {**world.configuration(), "listen": {"address": "::1", "port": 0}}
    configuration = installation.write_configuration(content, "six")
    async with Operator.run(installation, configuration, within=WITHOUT_IPV6) as operator:
        status = await operator.wait_ended()

    assert status == 1
    assert [line["error"] for line in operator.lines("the operator failed")] == [
        "cannot listen at ::1, port 0: Address family not supported by protocol"
    ]
