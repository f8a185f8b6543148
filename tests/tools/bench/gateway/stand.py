"""The gateway as a platform runs it: a real API server, the operator, and the gateway's own process."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from lab.controlplane.programs import Program
from lab.stand.cluster import Cluster
from lab.stand.eventually import eventually
from lab.stand.gateway_process import HOST, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import mailbox, new_namespace, secret, sender
from lab.stand.operator_process import Operator
from lab.stand.standings import available, summary
from lab.stand.world import egress
from mailbox_operator.report.metrics.expositions import KEPT_SECONDS
from tools.bench.cluster import side_by_side
from tools.bench.gateway.provider import PASSWORD, Provider
from tools.bench.gateway.relay import Login, Relay
from tools.bench.loop_lag import GATEWAYS, Lag
from tools.bench.sizes import LIMITS, NAMESPACES, address
from tools.bench.stand import HOME, logging_in, place
from tools.bench.vigil import watched

START_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Served:
    """A gateway with Mailboxes, each with a Sender of its own."""

    gateway: Gateway
    relay: Relay


@asynccontextmanager
async def serving(
    cluster: Cluster, provider: Provider, size: int, profile: Path | None
) -> AsyncIterator[Served]:
    """Run operator and gateway for as long as the block.

    Args:
        cluster: Where.
        provider: Whose mailboxes they are.
        size: Number of Mailboxes.
        profile: File for a profile of the gateway.
    """
    plane = cluster.plane
    await cluster.apply(*(new_namespace(f"bench-{number}") for number in range(NAMESPACES)))
    helm = plane.assets.locate(Program.HELM)
    options = ("--set", "gateway.enabled=true")
    installation = await Installation.into(HOME, cluster, helm, plane.directory, *options)
    configuration = installation.write_configuration(_configuration(provider, size))
    async with Operator.run(installation, configuration) as operator:
        await operator.wait_leading()
        await side_by_side(partial(_add, cluster, provider, number) for number in range(size))
        logins = await _logins(cluster, operator, size)
        profiled = ("-m", "cProfile", "-o", str(profile)) if profile else ()
        async with Gateway.serve(installation, configuration, interpreter=profiled) as gateway:
            await gateway.wait_ready()
            port, _ = await gateway.ports()
            authority = logins[0]["certificates"]
            known = [Login(each["username"], each["password"], each["from"]) for each in logins]
            processes = (gateway.process,)
            relay = Relay("gateway", port, authority, known, processes, partial(_lag, gateway))
            async with watched(operator.process, *processes):
                yield Served(gateway, relay)


async def _lag(gateway: Gateway) -> Lag:
    """Read it when the last exposition is no longer handed out."""
    await asyncio.sleep(KEPT_SECONDS)
    return Lag.read((await gateway.get("/metrics"))[1], GATEWAYS)


def _configuration(provider: Provider, size: int) -> dict[str, Any]:
    """Write the configuration of both; all applications come from one address here."""
    listen = {"address": "127.0.0.1", "port": 0, "tlsPort": 0}
    room = {"maxConnections": 2 * size, "maxConnectionsPerSource": 2 * size}
    return {
        "egress": egress([provider.port], provider.bundle),
        "limits": LIMITS,
        "gateway": {"host": HOST, "listen": listen, **room},
    }


async def _add(cluster: Cluster, provider: Provider, number: int) -> None:
    namespace, name = place(number)
    objects = (
        secret({"password": PASSWORD}, name),
        mailbox(logging_in(address(number), name, provider.port), name),
        sender(name, name=name),
    )
    for each in objects:
        metadata = each["metadata"] | {"namespace": namespace}
        await cluster.apply(each | {"metadata": metadata})


async def _logins(cluster: Cluster, operator: Operator, size: int) -> list[Mapping[str, str]]:
    """Wait until all Senders are ready, and read their Secrets."""

    async def ready() -> int:
        operator.process.check()
        found = await cluster.list("Sender")
        return sum(summary(each) == available() for each in found)

    await eventually(ready, lambda count: count == size, START_SECONDS, operator.tail)
    found = list[Mapping[str, str]]()
    for number in range(size):
        namespace, name = place(number)
        binding = await cluster.find("Secret", f"{name}-smtp", namespace)
        assert binding is not None
        content = binding["data"].items()
        found.append({key: base64.b64decode(value).decode() for key, value in content})
    return found
