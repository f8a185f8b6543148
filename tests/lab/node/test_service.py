"""A Service leads to the pods that are ready, and to nobody whom policies keep out."""

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import pytest

from lab.node.policy import Peer, Workload
from lab.node.service import LISTED_SECONDS, served
from lab.node.workloads import Home, deployment
from lab.stand.cluster import Object
from lab.stand.eventually import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

NEIGHBOUR: Final = Peer("10.244.9.9", Workload("neighbour", {"app": "neighbour"}))
KEPT_FOR_HOME: Final[Mapping[str, Any]] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "home-only"},
    "spec": {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]},
}


def service(name: str) -> Object:
    """Make a Service of a Deployment of the tiny program."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {
            "selector": {"app": name},
            "ports": [{"name": "web", "port": 80, "targetPort": "http"}],
        },
    }


async def hosts(home: Home, port: int) -> set[str]:
    """Ask a few times who answers."""
    answered = set()
    for _ in range(4):
        async with home.node.ground.http.get(f"http://127.0.0.1:{port}/") as response:
            answered.add((await response.json(content_type=None))["host"])
    return answered


async def test_a_service_leads_to_all_pods_that_are_ready(home: Home) -> None:
    await home.apply(service("web"))
    one, other = await home.deploy(deployment("web", replicas=2))
    names = {one.spec.name, other.spec.name}

    async with served(home.node, home.namespace, "web", "web") as port:
        await eventually(lambda: hosts(home, port), lambda seen: seen == names, LISTED_SECONDS)
        await home.ask(one, "/write?path=/tmp/sick")
        await eventually(
            lambda: hosts(home, port), lambda seen: seen == {other.spec.name}, LISTED_SECONDS
        )


async def test_a_service_leads_nobody_past_a_policy(home: Home) -> None:
    await home.apply(service("web"), dict(KEPT_FOR_HOME))
    (pod,) = await home.deploy(deployment("web"))
    inside = Peer("10.244.9.8", Workload(home.namespace))
    place = (home.node, home.namespace, "web", "web")

    async with served(*place, inside) as open_port, served(*place, NEIGHBOUR) as closed_port:
        assert await hosts(home, open_port) == {pod.spec.name}
        with pytest.raises(aiohttp.ClientConnectionError):
            await hosts(home, closed_port)
