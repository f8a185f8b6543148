"""A program that loads and fits a process as the command line does, and prints the modules it has.

Arguments: "operator" or "gateway", and the configuration file's content.
"""

import asyncio
import sys
from collections.abc import Mapping
from functools import cached_property

from kubernetes.aio import client

from mailbox_operator import cli
from mailbox_operator.assemble.process import Part
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.settings.file import Settings, load


def operator_parts(settings: Settings, api: ApiServer) -> Mapping[str, Part]:
    """Fit all of the operator's process."""
    cli.operator_process()
    from mailbox_operator.assemble.gauges import Gauges  # noqa: PLC0415 - as the process does
    from mailbox_operator.assemble.parts import Parts  # noqa: PLC0415
    from mailbox_operator.operate import lead, running_parts  # noqa: PLC0415
    from mailbox_operator.report.metrics.metrics import Metrics  # noqa: PLC0415
    from mailbox_operator.report.observers import Observers  # noqa: PLC0415

    metrics = Metrics()
    parts = Parts(settings, "operators", api, metrics, Observers(metrics), lead)
    Gauges(parts).add_to(metrics)
    build_all(parts)
    return running_parts(parts)


def gateway_parts(settings: Settings, api: ApiServer) -> Mapping[str, Part]:
    """Fit all of the gateway's process."""
    cli.gateway_process()
    from mailbox_operator.assemble.gateway import GatewayParts  # noqa: PLC0415 - as the process does
    from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics  # noqa: PLC0415
    from mailbox_operator.report.tracing.tracing import UNTRACED  # noqa: PLC0415
    from mailbox_operator.submit import running_parts  # noqa: PLC0415

    host = settings.gateway.host or ""
    parts = GatewayParts(settings, "operators", api, host, GatewayMetrics(), UNTRACED)
    parts.add_gauges()
    build_all(parts)
    return running_parts(parts)


def build_all(parts: object) -> None:
    """Ask for each part once."""
    for kind in type(parts).__mro__:
        for name, part in vars(kind).items():
            if isinstance(part, cached_property):
                getattr(parts, name)


async def fit(process: str, settings: Settings) -> None:
    """Fit a process, and start its consent page if it has one."""
    fitted = {"operator": operator_parts, "gateway": gateway_parts}[process]
    async with ApiServer(client.ApiClient(client.Configuration(host="http://127.0.0.1:9"))) as api:
        running = fitted(settings, api)
        if page := running.get("consent page"):
            serving = asyncio.ensure_future(page())
            await asyncio.wait([serving], timeout=0)
            serving.cancel()
            await asyncio.wait([serving])


if __name__ == "__main__":
    asyncio.run(fit(sys.argv[1], load(sys.argv[2])))
    print(*sys.modules, sep="\n")
