"""Compares what the watches told with a listing: at the start, and now and then.

A watch that had to begin anew never reports what was deleted meanwhile; nobody but a listing does.
The first one also tells when the operator knows everything: readiness.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio import client

from mailbox_operator.decide.mailbox import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.api import GROUP, PLURALS, VERSION
from mailbox_operator.watch.cluster import Cluster, parse
from mailbox_operator.watch.handlers import IRRELEVANT_SECRETS
from mailbox_operator.watch.store import newer

PAGE: Final = 500
METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
WHOLE: Final = "application/json"
TIMEOUT_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 2.0
GRACE_SECONDS: Final = 10.0

Item = dict[str, Any]


@dataclass(slots=True)
class Sweeper:
    """Lists everything, a page at a time.

    Attributes:
        ready: Set once the first listing is taken in.
        lagging: What the last sweep found that the watch had not told within its grace; not empty
            means that a watch is stuck.
    """

    api: client.ApiClient
    cluster: Cluster
    every_seconds: float
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
        """Take in everything; what depends on something comes last."""
        async for item in self._list("/api/v1/namespaces", METADATA_ONLY):
            self.cluster.namespace(item)
        async for item in self._secrets():
            self.cluster.secret(item)
        for kind in (Kind.INFRASTRUCTURE, Kind.MAILBOX):
            async for item in self._list(_path(kind), WHOLE):
                self.cluster.object(kind, item)

    async def sweep(self) -> None:
        """Correct the store where the watch failed to, and remember that it did."""
        late: dict[Key, tuple[Kind, Item]] = {}
        known, listed = set(self._known()), set[Key]()
        for kind in PLURALS:
            async for item in self._list(_path(kind), WHOLE):
                subject = parse(kind, item)
                listed.add(subject.key)
                if self._lags(kind, item):
                    late[subject.key] = (kind, item)
        await asyncio.sleep(GRACE_SECONDS)
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
        listed = parse(kind, item)
        seen = self.cluster.store.seen(listed.key)
        return seen is None or newer(listed.version, seen.subject.version)

    async def _secrets(self) -> AsyncIterator[Item]:
        async for item in self._list("/api/v1/secrets", METADATA_ONLY, IRRELEVANT_SECRETS):
            yield item

    async def _list(self, path: str, accept: str, selector: str = "") -> AsyncIterator[Item]:
        token = ""
        while True:
            query = {"limit": str(PAGE), "continue": token, "fieldSelector": selector}
            page = await self._get(
                f"{path}?{urlencode({k: v for k, v in query.items() if v})}", accept
            )
            for item in page["items"]:
                yield item
            token = page["metadata"].get("continue", "")
            if not token:
                return

    async def _get(self, path: str, accept: str) -> Any:
        headers = {"Accept": accept}
        await self.api.update_params_for_auth(headers, [], ["BearerToken"], path, "GET", None)
        response = await self.api.rest_client.request(
            "GET",
            f"{self.api.configuration.host}{path}",
            headers=headers,
            _request_timeout=TIMEOUT_SECONDS,
        )
        content = await response.read()
        if response.status >= 400:  # noqa: PLR2004 - HTTP's own border
            raise client.ApiException(status=response.status, reason=response.reason)
        return json.loads(content)

    async def _persist(self, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await act()
            except (client.ApiException, aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return


def _path(kind: Kind) -> str:
    return f"/apis/{GROUP}/{VERSION}/{PLURALS[kind]}"
