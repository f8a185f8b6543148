"""Etcd is restored while the operator runs: what it knows is ahead of what is there."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from lab.controlplane.assets import Assets
from lab.stand.cluster import Cluster
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled
from lab.stand.world import World
from system.scenarios.restored import cluster_of

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

PATIENT: Final = {"leaseDuration": "120s", "renewDeadline": "100s", "retryPeriod": "1s"}
"""So that no leader gives up while the API server is stopped."""


@asynccontextmanager
async def stopped(cluster: Cluster) -> AsyncIterator[Path]:
    """Stop API server and etcd as long as the block lasts; where etcd's data are is yielded."""
    servers = cluster.plane.servers
    assert servers is not None
    await asyncio.to_thread(cluster.plane.stop_api_server)
    await asyncio.to_thread(servers.etcd.stop)
    try:
        yield servers.layout.directory / "etcd"
    finally:
        await asyncio.to_thread(servers.start_etcd)
        await asyncio.to_thread(cluster.plane.start_api_server)


async def test_an_operator_whose_etcd_was_restored_starts_again_and_knows_what_is_there(
    world: World, helm: Path, tmp_path: Path
) -> None:
    if Assets.from_environment().external:
        pytest.skip("it takes a cluster of its own")
    async with cluster_of(tmp_path / "plane") as cluster, world.server() as server:
        installation = await Installation.into("mail", cluster, helm, tmp_path)
        configured = world.configuration(leaderElection=PATIENT)
        configuration = installation.write_configuration(configured)
        declared = mailbox(at(server, checkInterval="24h"))
        async with (
            Operator.run(installation, configuration) as before,
            Scene.open(world, await before.wait_leading()) as scene,
        ):
            await scene.apply(password(), declared)
            await scene.until(connected())
            async with stopped(cluster) as data:
                shutil.copytree(data, tmp_path / "backup")

            await scene.apply(password("wrong"), declared | {"metadata": {"name": "john"}})
            await scene.until(stalled("InvalidCredentials"), within=60)
            async with stopped(cluster) as data:
                shutil.rmtree(data)
                shutil.copytree(tmp_path / "backup", data)

            assert await before.wait_ended(within=60) == 1
            assert before.lines("the operator failed")[0]["exception"] == "RewoundError"
            async with Operator.run(installation, configuration) as after:
                scene.operator = await after.wait_leading(within=150)
                await scene.reconnect("now")
                await scene.until_attempted(1)
                await scene.until(connected())
                assert await scene.mailbox("john") == {}
