"""The API server is slow, busy, cut off, or restarted one replica after the other."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from aiohttp import web

from lab.controlplane.ports import free_ports
from lab.controlplane.process import Process
from lab.servers.balancer import Balancer
from lab.servers.gateway import FINE, Gateway, Weather
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected
from lab.stand.world import QUICK, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

SLOW: Final = Weather(delay_seconds=3)
REFUSALS: Final = 2
NOTHING_ELSE: Final = "authorization.k8s.io"


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(installation: Installation) -> AsyncIterator[Gateway]:
    plane = installation.cluster.plane
    tls = ssl.create_default_context(cafile=plane.ca)
    async with Gateway.running(plane.url, tls) as running:
        yield running


@pytest.fixture
def behind(installation: Installation, gateway: Gateway, tmp_path: Path) -> Installation:
    """Reach the API server by way of the gateway."""
    plain = {"server": gateway.url, "certificate-authority-data": None}
    return installation.at(tmp_path / "kubeconfig", **plain)


def renewals(gateway: Gateway) -> int:
    """Count what was written to the Lease."""
    return sum(each.startswith("PUT") and "/leases/" in each for each in gateway.asked)


@pytest.mark.timeout(300)  # everything takes three seconds
async def test_a_leader_keeps_its_lease_when_requests_take_three_seconds(
    world: World, behind: Installation, gateway: Gateway
) -> None:
    await gateway.turn(SLOW)
    configuration = behind.write_configuration(world.configuration())
    async with (
        world.server() as server,
        Operator.run(behind, configuration) as operator,
        Scene.open(world, operator) as scene,
    ):
        await eventually(operator.is_leading, within=90, tell=operator.tail)
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected(), within=60)
        before = renewals(gateway)
        await eventually(
            lambda: asyncio.sleep(0, renewals(gateway)), lambda now: now > before + 2, 60
        )

        assert operator.is_running
        assert await operator.is_leading()


async def test_a_cut_that_is_shorter_than_the_renew_deadline_costs_nothing(
    world: World, behind: Installation, gateway: Gateway
) -> None:
    configuration = behind.write_configuration(world.configuration())
    async with (
        world.server() as server,
        Operator.run(behind, configuration) as operator,
        Scene.open(world, operator) as scene,
    ):
        await operator.wait_leading()
        await gateway.turn(Weather(is_cut=True))
        before = len(gateway.asked)
        await eventually(lambda: asyncio.sleep(0, len(gateway.asked) > before + 3))
        await gateway.turn(FINE)

        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected(), within=30)
        assert await operator.is_leading()


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(Weather(is_cut=True), id="broken off"),
        pytest.param(Weather(is_swallowing=True), id="swallowed"),
    ],
)
async def test_a_long_cut_ends_the_leader_once_and_the_next_process_waits_for_its_end(
    world: World, behind: Installation, gateway: Gateway, cut: Weather
) -> None:
    configuration = behind.write_configuration(world.configuration(leaderElection=QUICK))
    async with world.server() as server:
        async with Operator.run(behind, configuration) as first:
            await first.wait_leading()
            await gateway.turn(cut)
            assert await first.wait_ended(within=30) == 1
        async with Operator.run(behind, configuration) as second:
            asked = len(gateway.asked)
            await eventually(lambda: asyncio.sleep(0, len(gateway.asked) > asked + 3), within=60)
            assert [(await second.get(path))[0] for path in ("/healthz", "/readyz")] == [200, 503]

            await gateway.turn(FINE)
            await second.wait_leading(within=60)
            async with Scene.open(world, second) as scene:
                await scene.apply(password(), mailbox(at(server)))
                await scene.until(connected(), within=60)


async def test_a_follower_outlives_a_cut(
    world: World, behind: Installation, gateway: Gateway, installation: Installation
) -> None:
    configuration = behind.write_configuration(world.configuration(leaderElection=QUICK))
    async with Operator.run(installation, configuration) as leader:
        await leader.wait_leading()
        await prove_follower(behind, configuration, gateway, leader)


async def prove_follower(
    behind: Installation, configuration: Path, gateway: Gateway, leader: Operator
) -> None:
    """Cut a follower off, and have it lead afterwards."""
    async with Operator.run(behind, configuration) as follower:
        await follower.wait_ready()
        await gateway.turn(Weather(is_cut=True))
        asked = len(gateway.asked)
        await eventually(lambda: asyncio.sleep(0, len(gateway.asked) > asked + 10), within=60)
        await gateway.turn(FINE)
        await leader.terminate()

        await follower.wait_leading(within=60)


async def test_an_api_server_that_is_busy_is_asked_when_it_says(
    world: World, behind: Installation, gateway: Gateway
) -> None:
    met = Counter[str]()

    def answers(request: web.Request) -> web.Response | None:
        if NOTHING_ELSE in request.path or "leases" in request.path:
            return None
        what = f"{request.method} {request.path}"
        met[what] += 1
        if met[what] > REFUSALS:
            return None
        return web.Response(status=429, headers={"Retry-After": "1"})

    await gateway.turn(Weather(answers=answers))
    configuration = behind.write_configuration(world.configuration(leaderElection=QUICK))
    async with (
        world.server() as server,
        Operator.run(behind, configuration) as operator,
        Scene.open(world, operator) as scene,
    ):
        await operator.wait_leading(within=60)
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected(), within=60)

        assert operator.lines("status not written yet") == []
        assert (await operator.get("/readyz"))[1] == "ok"


@asynccontextmanager
async def three_api_servers(
    installation: Installation,
) -> AsyncIterator[tuple[Balancer, dict[int, Process]]]:
    """Add two API servers to the one that there is; the balancer leads to all of them."""
    servers = installation.cluster.plane.servers
    assert servers is not None
    ports = free_ports(2)
    added = [servers.another_api_server(port) for port in ports]
    try:
        for process, port in zip(added, ports, strict=True):
            process.start()
            await asyncio.to_thread(process.wait_until, partial(servers.is_ready, port))
        async with Balancer.running(servers.layout.api_port, *ports) as balancer:
            yield (
                balancer,
                {
                    servers.layout.api_port: servers.api_server,
                    **dict(zip(ports, added, strict=True)),
                },
            )
    finally:
        for process in added:
            await asyncio.to_thread(process.stop)


@pytest.mark.timeout(300)  # API servers are started
async def test_a_rolling_restart_of_three_api_servers_changes_no_leader(
    world: World, installation: Installation, tmp_path: Path
) -> None:
    servers = installation.cluster.plane.servers
    assert servers is not None
    async with three_api_servers(installation) as (balancer, processes), world.server() as server:
        url = f"https://127.0.0.1:{balancer.port}"
        balanced = installation.at(tmp_path / "kubeconfig", server=url)
        configuration = balanced.write_configuration(world.configuration())
        async with (
            Operator.run(balanced, configuration) as operator,
            Scene.open(world, operator) as scene,
        ):
            await operator.wait_leading()
            await scene.apply(password())
            for number, (port, process) in enumerate(processes.items()):
                await asyncio.to_thread(process.stop)
                process.start()
                await asyncio.to_thread(process.wait_until, partial(servers.is_ready, port))
                await scene.apply(mailbox(at(server), f"after-{number}"))
                await scene.until(connected(), f"after-{number}", within=45)

            assert operator.is_running
            assert len(operator.lines("replica is the leader")) == 1
