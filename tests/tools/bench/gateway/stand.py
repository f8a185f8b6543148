"""The gateway as a platform runs it: a real API server, the operator, and the gateway's own process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final

from lab.controlplane.programs import Program
from lab.stand.cluster import Cluster
from lab.stand.eventually import eventually
from lab.stand.gateway_process import HOST, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import new_namespace
from lab.stand.operator_process import Operator
from lab.stand.standings import available, summary
from lab.stand.world import egress
from mailbox_operator.report.metrics.expositions import KEPT_SECONDS
from tools.bench.cluster import side_by_side
from tools.bench.gateway.groups import LIMITED, SEVERAL, Group, groups
from tools.bench.gateway.options import CONNECTIONS, Options
from tools.bench.gateway.provider import Provider
from tools.bench.gateway.relay import Relay
from tools.bench.loop_lag import GATEWAYS, Lag
from tools.bench.sizes import LIMITS, NAMESPACES
from tools.bench.stand import HOME
from tools.bench.vigil import watched

START_SECONDS: Final = 120
ENABLED: Final = ("--set", "gateway.enabled=true")


@dataclass(frozen=True, slots=True)
class Served:
    """A gateway with Mailboxes, each with a Sender of its own.

    Attributes:
        limited: The same gateway, by Senders whose Mailboxes have a limit.
    """

    gateway: Gateway
    relay: Relay
    limited: Sequence[Relay]


@asynccontextmanager
async def serving(cluster: Cluster, provider: Provider, options: Options) -> AsyncIterator[Served]:
    """Run operator and gateway for as long as the block.

    Args:
        cluster: Where.
        provider: Whose mailboxes they are.
        options: How many Mailboxes, and whether the gateway is profiled.
    """
    plane, size, profile = cluster.plane, options.crowd, options.profile
    spaces = [*(f"bench-{number}" for number in range(NAMESPACES)), LIMITED, SEVERAL]
    await cluster.apply(*map(new_namespace, spaces))
    helm = plane.assets.locate(Program.HELM)
    installation = await Installation.into(HOME, cluster, helm, plane.directory, *ENABLED)
    configuration = installation.write_configuration(
        _configuration(provider, max(size, CONNECTIONS))
    )
    async with Operator.run(installation, configuration) as operator:
        await operator.wait_leading()
        everybody = groups(options)
        wanted = [group.added(cluster, provider) for group in everybody]
        await side_by_side(chain.from_iterable(wanted))
        await _connected(cluster, operator, everybody)
        profiled = ("-m", "cProfile", "-o", str(profile)) if profile else ()
        async with Gateway.serve(installation, configuration, interpreter=profiled) as gateway:
            await gateway.wait_ready()
            relays = [await _relay(each, cluster, gateway) for each in everybody]
            async with watched(operator.process, gateway.process):
                yield Served(gateway, relays[0], relays[1:])


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


async def _relay(group: Group, cluster: Cluster, gateway: Gateway) -> Relay:
    port, _ = await gateway.ports()
    known, authority = await group.logins(cluster)
    processes = (gateway.process,)
    return Relay(group.name, port, authority, known, processes, partial(_lag, gateway))


async def _connected(cluster: Cluster, operator: Operator, everybody: Sequence[Group]) -> None:
    """Wait until all Senders are ready."""

    async def ready() -> int:
        operator.process.check()
        found = await cluster.list("Sender")
        return sum(summary(each) == available() for each in found)

    size = sum(len(each.senders) for each in everybody)
    await eventually(ready, lambda count: count == size, START_SECONDS, operator.tail)
