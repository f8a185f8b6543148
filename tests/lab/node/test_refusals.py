"""What a node cannot do, it says."""

import asyncio
import secrets
from pathlib import Path

import pytest

from lab.node.node import Node
from lab.node.runtime import RuntimeMissingError, check_runtime
from lab.node.workloads import TINY, Home, deployment
from lab.stand.cluster import Cluster, Object
from lab.stand.eventually import eventually
from lab.stand.manifests import new_namespace

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.cluster
async def test_a_pod_that_asks_for_more_than_is_understood_fails_the_test(
    cluster: Cluster, tmp_path: Path
) -> None:
    odd = {"initContainers": [{"name": "first", "image": "tiny"}]}

    with pytest.raises(ExceptionGroup) as caught:
        await run(cluster, deployment("web", pod=odd), tmp_path)

    (error,) = caught.value.exceptions
    assert str(error) == "tests/lab/node does not support initContainers in a pod"


async def run(cluster: Cluster, workload: Object, directory: Path) -> None:
    namespace = f"test-{secrets.token_hex(4)}"
    await cluster.apply(new_namespace(namespace))
    async with Node.run(cluster, TINY, reachable=(), directory=directory) as node:
        await Home(node, namespace).apply(workload)
        await eventually(lambda: asyncio.sleep(0, node.ground.failures))
        await cluster.delete("Namespace", namespace)


async def test_a_machine_without_bubblewrap_learns_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(RuntimeMissingError, match=r"^apt-get install -y bubblewrap$"):
        check_runtime()
