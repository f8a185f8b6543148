"""NetworkPolicies decide whom a pod reaches, and who reaches it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio

from lab.node.network import Destination
from lab.node.pod import Pod
from lab.node.workloads import NAMED, Home, deployment
from lab.stand.cluster import Object

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

MAIL: Final = {"ports": [{"port": 587}], "to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}


def policy(direction: str) -> Object:
    """Let nobody in, or let nothing out but mail."""
    selector = {"matchLabels": {"app": "web"}}
    spec = {"podSelector": selector, "policyTypes": [direction], "egress": [MAIL]}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "mail-only"},
        "spec": spec,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reachable() -> AsyncIterator[list[Destination]]:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\n")
        writer.close()

    async with (
        await asyncio.start_server(greet, "127.0.0.1", 0) as one,
        await asyncio.start_server(greet, "127.0.0.1", 0) as other,
    ):
        ports = [each.sockets[0].getsockname()[1] for each in (one, other)]
        yield [
            Destination(ports[0], "203.0.113.5", seen_as=587),
            Destination(ports[1], "10.1.2.3", seen_as=587),
        ]


async def dialled(home: Home, pod: Pod, destinations: list[Destination]) -> list[str]:
    return [await home.ask(pod, f"/dial?port={each.port}") for each in destinations]


async def test_a_pod_without_policy_reaches_all(home: Home, reachable: list[Destination]) -> None:
    (pod,) = await home.deploy(deployment("web"))

    assert await dialled(home, pod, reachable) == ["220 hello\n", "220 hello\n"]
    assert pod.wire.dialled == reachable


async def test_a_connection_that_no_policy_allows_is_refused(
    home: Home, reachable: list[Destination]
) -> None:
    await home.apply(policy("Egress"))
    (pod,) = await home.deploy(deployment("web"))

    assert await dialled(home, pod, reachable) == ["220 hello\n", "ConnectionRefusedError"]
    assert pod.wire.dialled == reachable[:1]


async def test_a_probe_reaches_a_pod_that_nobody_else_reaches(home: Home) -> None:
    await home.apply(policy("Ingress"))

    (pod,) = await home.deploy(deployment("web"))

    assert pod.status.ready
    with pytest.raises(ConnectionRefusedError):
        await home.ask(pod)


async def test_a_pod_finds_a_host_by_its_name(home: Home, reachable: list[Destination]) -> None:
    (pod,) = await home.deploy(deployment("web"))

    said = await home.ask(pod, f"/dial?port={reachable[0].port}&host={NAMED}")

    assert said == "220 hello\n"
