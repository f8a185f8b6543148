"""What the tests of the node share: one node for each module, a namespace for each test."""

import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lab.controlplane.plane import ControlPlane
from lab.node.network import Destination
from lab.node.node import Node
from lab.node.workloads import NAMED, OTHER, TINY, Home
from lab.stand.cluster import Cluster
from lab.stand.manifests import new_namespace


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(plane: ControlPlane) -> AsyncIterator[Cluster]:
    if plane.servers is None:
        pytest.skip("the cluster that KUBECONFIG names has nodes of its own")
    async with Cluster.of(plane) as opened:
        yield opened


@pytest.fixture(scope="module")
def reachable() -> list[Destination]:
    return []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(
    cluster: Cluster, reachable: list[Destination], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Node]:
    directory = tmp_path_factory.mktemp("node")
    node = Node.run(cluster, TINY, OTHER, reachable=reachable, directory=directory, names=(NAMED,))
    async with node as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def home(cluster: Cluster, node: Node) -> AsyncIterator[Home]:
    name = f"test-{secrets.token_hex(4)}"
    await cluster.apply(new_namespace(name))
    yield Home(node, name)
    await cluster.delete("Namespace", name)
