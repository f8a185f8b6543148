"""Has kopf watch the cluster until the process is told to stop."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import kopf

from mailbox_operator.cluster.reader import ApiReader
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.watch.connection import kopf_session
from mailbox_operator.watch.handlers import NoMemo, operator_settings, register
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.stream import Stream
from mailbox_operator.watch.takes import takes


async def listen(
    api: ApiReader,
    intake: Intake,
    scope: Scope,
    hearing: Hearing,
    identity: Any,
    stop: Callable[[], Awaitable[None]],
) -> None:
    """Watch until told to stop by SIGTERM or SIGINT.

    Args:
        api: How the API server is reached.
        intake: Takes in what is told.
        scope: What is watched.
        hearing: Takes note of how the watches go.
        identity: Names this process; kopf would ask for a user name, and the image's user has none.
        stop: Ends the process's own tasks.
    """
    registry, server = kopf.OperatorRegistry(), api.client.configuration.host
    session = partial(kopf_session, api, Stream(hearing, takes(intake, scope)))
    register(registry, intake, scope, server, session, stop)
    await kopf.operator(
        registry=registry,
        settings=operator_settings(),
        identity=identity,
        memo=NoMemo(),
        clusterwide=not scope.namespaces,
        namespaces=scope.namespaces,
        standalone=True,
    )
