"""Compares what the watches told with a listing: at the start, and now and then.

A watch that had to begin again never reports what was deleted meanwhile; nobody but a listing does.
The first one also tells when the operator knows everything: readiness.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.apiserver import (
    JSON,
    METADATA_ONLY,
    ApiServer,
    ApiServerError,
)
from mailbox_operator.decide.watched import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.cluster import Cluster, is_oversize, key_of
from mailbox_operator.watch.listing import Item, Listing
from mailbox_operator.watch.refs import newer
from mailbox_operator.watch.scope import Scope
from mailbox_operator.watch.secretwatch import SecretWatch

RETRY_SECONDS: Final = 2.0
GRACE_SECONDS: Final = 10.0
AMPLE: Final = ("labels", "managedFields")
"""Metadata that nobody here reads, and that may have megabytes."""


@dataclass(slots=True)
class Sweeper:
    """Lists everything, a page at a time.

    Attributes:
        scope: What is listed.
        secrets: Lists Secrets, and follows them from there.
        grace_seconds: How long the watch has to tell what a listing shows.
        ready: Set once the first listing is taken in.
        lagging: What the last sweep found that the watch had not told within its grace; not empty
            means that a watch is stuck.
    """

    api: ApiServer
    cluster: Cluster
    scope: Scope
    secrets: SecretWatch
    every_seconds: float
    grace_seconds: float = GRACE_SECONDS
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    lagging: frozenset[Key] = frozenset()

    async def run(self) -> None:
        """Sweep once, then at intervals, until cancelled."""
        await self._persist(self.first)
        self.ready.set()
        while True:
            await asyncio.sleep(self.every_seconds)
            await self._persist(self.sweep)

    async def first(self) -> None:
        """Take in everything. Nobody works yet, so the order matters to nobody."""
        if self.scope.managed:
            async for item in Listing(self.api, "/api/v1/namespaces", METADATA_ONLY).items():
                self.cluster.namespace(item)
        async for kind, item in self._objects():
            self.cluster.object(kind, item)
        await self.secrets.first()

    async def sweep(self) -> None:
        """Correct the store where the watch failed to, and remember that it did."""
        late: dict[Key, tuple[Kind, Item]] = {}
        known, listed = set(self._known()), set[Key]()
        async for kind, item in self._objects():
            key = key_of(kind, item)
            listed.add(key)
            if self._lags(kind, item):
                for ample in AMPLE:  # by far the most of what tenants make large
                    item["metadata"].pop(ample, None)
                late[key] = (kind, item)
        await asyncio.sleep(self.grace_seconds)
        late = {key: found for key, found in late.items() if self._lags(*found)}
        vanished = (known - listed) & set(self._known())
        self.lagging = frozenset((*late, *vanished))
        for kind, item in late.values():
            self.cluster.object(kind, item)
        for key in vanished:
            self.cluster.vanished(key)

    def _known(self) -> list[Key]:
        return [subject.key for subject in self.cluster.store.subjects()]

    def _lags(self, kind: Kind, item: Item) -> bool:
        metadata = item["metadata"]
        if metadata.get("deletionTimestamp") or is_oversize(metadata):
            return False  # gone as far as the store is concerned, however long it is there
        subject = self.cluster.store.subject(key_of(kind, item))
        return subject is None or newer(metadata["resourceVersion"], subject.version)

    async def _objects(self) -> AsyncIterator[tuple[Kind, Item]]:
        for kind in self.scope.kinds:
            for path in self.scope.paths(kind):
                async for item in Listing(self.api, path, JSON).items():
                    yield kind, item

    async def _persist(self, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await act()
            except ApiServerError:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
