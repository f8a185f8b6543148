"""The API server as the bench uses it: objects in by the thousand, writes counted, states watched."""

import asyncio
import base64
import json
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import yaml

from lab.stand.exposition import samples

MAILBOXES: Final = "/apis/mailbox-operator.io/v1alpha1/mailboxes"
OF_THE_OPERATOR: Final = frozenset({"mailboxes/status", "events"})
WORKERS: Final = 20
AGAIN_SECONDS: Final = 0.2
MERGE: Final = {"Content-Type": "application/merge-patch+json"}
JSON_PATCH: Final = {"Content-Type": "application/json-patch+json"}
WATCH: Final = {"watch": "1", "timeoutSeconds": "14400"}

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ApiServer:
    """A client with the administrator's rights."""

    http: aiohttp.ClientSession

    @classmethod
    @asynccontextmanager
    async def of(cls, kubeconfig: Path) -> AsyncIterator[Self]:
        """Talk to a control plane that was started here for as long as the block."""
        content = await asyncio.to_thread(kubeconfig.read_text)
        found = yaml.safe_load(content)
        place, user = found["clusters"][0]["cluster"], found["users"][0]["user"]
        authority = base64.b64decode(place["certificate-authority-data"]).decode()
        tls = aiohttp.TCPConnector(ssl=ssl.create_default_context(cadata=authority))
        headers = {"Authorization": f"Bearer {user['token']}"}
        async with aiohttp.ClientSession(place["server"], headers=headers, connector=tls) as http:
            yield cls(http)

    async def get(self, path: str) -> Any:
        """Read an object or a list."""
        async with self.http.get(path) as response:
            response.raise_for_status()
            return await response.json()

    async def replace_status(self, path: str, uid: str, status: Object) -> None:
        """Write a status the way the operator does."""
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": uid},
            {"op": "add", "path": "/status", "value": status},
        ]
        content = json.dumps(patch)
        async with self.http.patch(f"{path}/status", data=content, headers=JSON_PATCH) as response:
            response.raise_for_status()

    async def create(self, path: str, body: Object) -> None:
        """Create an object in the collection at a path."""
        async with self.http.post(path, json=body) as response:
            response.raise_for_status()

    async def merge(self, path: str, change: Object) -> int:
        """Change fields of an object; return its generation now, 0 of what has none."""
        async with self.http.patch(path, data=json.dumps(change), headers=MERGE) as response:
            response.raise_for_status()
            return int((await response.json())["metadata"].get("generation", 0))

    async def writes(self) -> Counter[str]:
        """Count the writes so far by verb and resource, of the resources that the operator writes."""
        async with self.http.get("/metrics") as response:
            text = await response.text()
        writes: Counter[str] = Counter()
        for each in samples(text, "apiserver_request_total"):
            resource = "/".join(filter(None, map(each.labels.get, ("resource", "subresource"))))
            if each.labels["verb"] in {"POST", "PATCH"} and resource in OF_THE_OPERATOR:
                writes[f"{each.labels['verb']} {resource}"] += round(each.value)
        return writes


async def side_by_side(jobs: Iterable[Callable[[], Awaitable[object]]]) -> None:
    """Do jobs, some at once."""
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await job()

    async with asyncio.TaskGroup() as group:
        for _ in range(WORKERS):
            group.create_task(work())


@dataclass(slots=True)
class Watch:
    """What an observer sees of all Mailboxes.

    Attributes:
        connected: When each was first seen connected in its present generation; monotonic.
        generations: That generation.
    """

    connected: dict[str, float] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @asynccontextmanager
    async def of(cls, api: ApiServer) -> AsyncIterator[Self]:
        """Watch for as long as the block."""
        watch = cls()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(watch._follow(api))
            yield watch
            task.cancel()

    async def until_connected(self, count: int, within_seconds: float) -> None:
        """Wait until so many are connected.

        Raises:
            TimeoutError: They are not, in that time.
        """
        async with asyncio.timeout(within_seconds):
            await self._until(lambda: len(self.connected) >= count)

    async def until_generations(self, wanted: Mapping[str, int], within_seconds: float) -> None:
        """Wait until these are connected in such a generation or a later one; raises as above."""
        async with asyncio.timeout(within_seconds):
            for name, generation in wanted.items():
                await self._until(partial(self._is_connected, name, generation))

    def _is_connected(self, name: str, generation: int) -> bool:
        return self.generations.get(name, 0) >= generation

    async def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            self._news.clear()
            await self._news.wait()

    async def _follow(self, api: ApiServer) -> None:
        """Follow the watch; begin anew when the API server ends it, or does not serve it yet."""
        forever = aiohttp.ClientTimeout(total=None)
        while True:
            async with api.http.get(MAILBOXES, params=WATCH, timeout=forever) as response:
                if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                    response.raise_for_status()
                    await self._read(response.content)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _read(self, lines: AsyncIterable[bytes]) -> None:
        """Take what is told until the end, an error that is reported, or a cut."""
        with suppress(aiohttp.ClientPayloadError):
            async for line in lines:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                self._take(event["object"])

    def _take(self, mailbox: Object) -> None:
        name, status = mailbox["metadata"]["name"], mailbox["status"]
        ready = [c for c in status.get("conditions", ()) if c["type"] == "Ready"]
        generation = mailbox["metadata"]["generation"]
        current = status["observedGeneration"] == generation
        if not (current and ready and ready[0]["status"] == "True"):
            self.connected.pop(name, None)
            self.generations.pop(name, None)
        elif self.generations.get(name) != generation:
            self.connected[name] = time.monotonic()
            self.generations[name] = generation
            self._news.set()
