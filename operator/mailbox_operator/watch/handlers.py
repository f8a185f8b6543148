"""kopf calls in here: it informs and nothing else. Of Secrets it would read all: see informer.py.

What its connections bring is taken in before it gets there (see stream.py); what could not be, and all
of it should a release of kopf read otherwise, comes here.
Only `on.event`, which writes nothing to the cluster: no finalizer, no annotation, no Event. Whatever
kopf would keep on an object is kept nowhere.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from time import monotonic
from typing import Any, Final, Self

import aiohttp
import kopf

from mailbox_operator.clock import spread
from mailbox_operator.cluster.paths import VERSION
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.names import GROUP
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.stream import PAGE
from mailbox_operator.watch.takes import namespace_take, object_take

RELOGIN_SECONDS: Final = 5.0
"""Between two connections: where all is refused (401), kopf would ask for one after the other."""


def register(
    registry: kopf.OperatorRegistry,
    intake: Intake,
    scope: Scope,
    server: str,
    connect: Callable[[], aiohttp.ClientSession],
    stop: Callable[[], Awaitable[None]],
) -> None:
    """Add the handlers to a registry. Importing this module adds none.

    Args:
        registry: Whose.
        intake: Takes in what is told.
        scope: What is watched.
        server: URL of the API server.
        connect: Opens a connection to it, which kopf closes.
        stop: Ends the operator's own tasks, when kopf is told to end.
    """
    for kind in scope.kinds:
        _register_kind(registry, intake, kind, KINDS[kind].plural)
    if scope.managed:
        _register_namespaces(registry, intake)

    connected = -RELOGIN_SECONDS

    @kopf.on.login(registry=registry)
    async def logged_in(**_: Any) -> kopf.AiohttpSession:
        nonlocal connected
        await asyncio.sleep(max(0.0, connected + RELOGIN_SECONDS - monotonic()))
        connected = monotonic()
        return kopf.AiohttpSession(server=server, aiohttp_session=connect())

    @kopf.on.cleanup(registry=registry)
    async def cleanup(**_: Any) -> None:
        await stop()


def _register_kind(
    registry: kopf.OperatorRegistry, intake: Intake, kind: Kind, plural: str
) -> None:
    take = object_take(intake, kind)

    @kopf.on.event(GROUP, VERSION, plural, registry=registry, id=plural)
    async def told(event: kopf.RawEvent, **_: Any) -> None:
        take(event["object"], event["type"] == "DELETED")


def _register_namespaces(registry: kopf.OperatorRegistry, intake: Intake) -> None:
    take = namespace_take(intake)

    @kopf.on.event("", "v1", "namespaces", registry=registry, id="namespace")
    async def namespace(event: kopf.RawEvent, **_: Any) -> None:
        take(event["object"], event["type"] == "DELETED")


def operator_settings() -> kopf.OperatorSettings:
    """Return kopf's settings for an informer of ten thousand objects."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.queueing.idle_timeout = 0.05
    settings.watching.chunk_size = PAGE
    settings.networking.error_backoffs = Backoffs()
    settings.networking.request_timeout = 60
    settings.networking.connect_timeout = 10
    settings.persistence.progress_storage = NoProgress()
    settings.persistence.diffbase_storage = NoDiffBase()
    return settings


class NoMemo:
    """What kopf would copy for each object, to keep: one for all of them."""

    def __copy__(self) -> Self:
        return self


class Backoffs(Collection[float]):
    """Waits without end: an API server that is away comes back, and the watch waits for it."""

    LONGEST_SECONDS: Final = 15.0

    def __iter__(self) -> Iterator[float]:
        wait = 0.5
        while True:
            yield wait * spread(0.5, 1)
            wait = min(wait * 2, self.LONGEST_SECONDS)

    def __len__(self) -> int:
        return 1

    def __contains__(self, wait: object) -> bool:
        return False


class NoProgress(kopf.ProgressStorage):
    """Handlers that only listen make no progress worth keeping on the object."""

    def fetch(self, **_: Any) -> None:
        """Find nothing."""

    def store(self, **_: Any) -> None:
        """Keep nothing."""

    def purge(self, **_: Any) -> None:
        """Remove nothing."""

    def touch(self, **_: Any) -> None:
        """Mark nothing."""

    def clear(self, *, essence: Any) -> Any:
        """Leave as it is."""
        return essence

    def flush(self) -> None:
        """Write nothing."""


class NoDiffBase(kopf.DiffBaseStorage):
    """No copy of a spec is kept on the object."""

    def build(self, **_: Any) -> Any:
        """Return nothing to compare."""
        return {}

    def fetch(self, **_: Any) -> None:
        """Find nothing."""

    def store(self, **_: Any) -> None:
        """Keep nothing."""
