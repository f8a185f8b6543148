"""The gateway's process: applications submit messages here, and mailboxes send them.

All replicas are equal; none of them leads.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Final

from mailbox_operator import heap
from mailbox_operator.assemble.gateway import GatewayParts
from mailbox_operator.assemble.process import Part, namespace_of, prepare, probes, run
from mailbox_operator.assemble.traces import traced
from mailbox_operator.cluster.apiserver import connect
from mailbox_operator.cluster.lease import identity
from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics
from mailbox_operator.report.metrics.lag import LoopLag
from mailbox_operator.settings.file import Settings, SettingsError

LAST_NOTES_SECONDS: Final = 3.0

log = logging.getLogger(__name__)


async def submit(settings: Settings, kubeconfig: str | None) -> None:
    """Run until told to stop by SIGTERM or SIGINT; what is under way is answered before that.

    Raises:
        SettingsError: The configuration names no gateway, or wants traces and the extra is missing.
        UnreachableClusterError: There is no cluster to work in.
        ExceptionGroup: A part failed; restarting is the remedy, and cheap.
    """
    host = settings.gateway.host
    if host is None:
        raise SettingsError("gateway.host must be set: it is the name that applications connect to")
    prepare(settings.log_level)
    metrics = GatewayMetrics(settings.metrics.per_mailbox)
    async with (
        traced(settings) as tracing,
        await connect(kubeconfig, metrics.requests.observe) as api,
    ):
        parts = GatewayParts(settings, namespace_of(settings), api, host, metrics, tracing)
        parts.add_gauges()
        await run(parts, parts.intake, identity(), running_parts(parts), partial(finish, parts))


def running_parts(parts: GatewayParts) -> Mapping[str, Part]:
    """Name what runs beside kopf."""
    return {
        "probes": probes(parts.settings, parts.health, parts.metrics),
        "sweeper": parts.sweeper.run,
        "hearing": parts.hearing.run,
        "login key": parts.keys.run,
        "certificate": parts.certificates.run,
        "quota": parts.quota.run,
        "listener": partial(take_mail, parts),
        "loop lag": LoopLag(parts.metrics.loop_lag.observe).run,
    }


async def take_mail(parts: GatewayParts) -> None:
    """Listen for applications once all is known that a login needs."""
    for known in (parts.sweeper.ready, parts.keys.is_there, parts.certificates.is_there):
        await known.wait()
    heap.freeze_heap()
    wanted = parts.settings.gateway.listen
    await parts.listener.start(wanted.address, wanted.port, wanted.tls_port)
    await asyncio.Event().wait()


async def finish(parts: GatewayParts) -> None:
    """Answer what is under way, and leave the providers; the second call finds nothing to do."""
    if parts.listener.house.is_closing:
        return
    log.info("gateway is shutting down", extra={"connections": len(parts.listener)})
    await parts.listener.stop()
    await parts.way_out.close()
    await parts.quota.close()
    try:
        async with asyncio.timeout(LAST_NOTES_SECONDS):
            await parts.notes.settle()
    except TimeoutError:
        log.info("notes of messages not written")
