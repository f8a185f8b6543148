"""What the scenarios share: an operator for each module, a namespace for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from lab.controlplane.plane import ControlPlane
from lab.servers.authority import Authority
from lab.stand.cluster import Cluster
from lab.stand.installation import Installation
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.world import World


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(plane: ControlPlane) -> AsyncIterator[Cluster]:
    if plane.servers is None:
        pytest.skip("the audit log of the cluster that KUBECONFIG names is out of reach")
    async with Cluster.of(plane) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    async with World.open(authority, tmp_path_factory.mktemp("world")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def installation(
    cluster: Cluster, helm: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    async with Installation.of(cluster, helm, tmp_path_factory.mktemp("operator")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    """One operator for the tests of a module that have no special wishes."""
    configuration = installation.write_configuration(world.configuration())
    async with Operator.run(installation, configuration) as running:
        yield await running.wait_leading()


@pytest_asyncio.fixture(loop_scope="module")
async def scene(world: World, operator: Operator) -> AsyncIterator[Scene]:
    async with Scene.open(world, operator) as opened:
        yield opened
