"""What every process of the operator does: it runs its parts beside kopf, and answers probes."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from mailbox_operator import tlsbuffers
from mailbox_operator.assemble.watching import Watching
from mailbox_operator.cluster.apiserver import own_namespace
from mailbox_operator.report.health import Health, application
from mailbox_operator.report.inspection import answer_signals
from mailbox_operator.report.metrics.expositions import Exposed
from mailbox_operator.serving import Bounds, serve
from mailbox_operator.settings.file import Settings
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.listening import listen

THREADS: Final = 32
"""For the platform's own endpoints; what tenants name is looked up in
`connect.network.name_service`."""

Part = Callable[[], Coroutine[Any, Any, None]]


def prepare(level: str) -> None:
    """Bound threads and memory, and answer signals, before the process opens a connection.

    Args:
        level: The configured level of the log.

    Raises:
        RuntimeError: There is no running event loop.
    """
    tlsbuffers.bound_tls_buffers()
    answer_signals(level)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))


def namespace_of(settings: Settings) -> str:
    """Name the operator's own namespace."""
    return settings.operator_namespace or own_namespace() or "mailbox-operator"


async def nothing() -> None:
    """Do nothing before the parts are cancelled."""


async def run(
    watching: Watching,
    intake: Intake,
    identity: str,
    parts: Mapping[str, Part],
    finish: Callable[[], Awaitable[None]] = nothing,
) -> None:
    """Run all parts; the end of kopf, which listens for signals, is the end of all.

    Args:
        watching: What is watched.
        intake: Takes in what is told.
        identity: Names this process.
        parts: What runs beside kopf, by name.
        finish: Called before the parts are cancelled, more than once maybe.
    """
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(part(), name=name) for name, part in parts.items()]

        async def stop() -> None:
            await finish()
            for part in running:
                part.cancel()
            await asyncio.wait(running)

        await listen(watching.api, intake, watching.scope, watching.hearing, identity, stop)
        await stop()


def probes(settings: Settings, health: Health, metrics: Exposed) -> Part:
    """Build the part that serves /healthz, /readyz and /metrics."""
    wanted = settings.listen
    return partial(serve, application(health, metrics), wanted.address, wanted.port, Bounds())
