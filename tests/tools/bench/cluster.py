"""The API server as the bench uses it: objects in by the thousand, writes counted, states watched."""

import asyncio
import base64
import json
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import yaml

from lab.stand.exposition import samples, total

MAILBOXES: Final = "/apis/mailbox-operator.io/v1alpha1/mailboxes"
OF_THE_OPERATOR: Final = frozenset({"mailboxes/status", "events"})
WORKERS: Final = 20
AGAIN_SECONDS: Final = 0.2
MERGE: Final = {"Content-Type": "application/merge-patch+json"}
JSON_PATCH: Final = {"Content-Type": "application/json-patch+json"}
WATCH: Final = {"watch": "1", "timeoutSeconds": "14400"}

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Effort:
    """What the API server did so far.

    Attributes:
        writes: By verb and resource; of the resources that the operator writes.
        cpu_seconds: Its processor time.
    """

    writes: Counter[str]
    cpu_seconds: float

    def since(self, before: "Effort") -> "Effort":
        """Tell what came since."""
        return Effort(self.writes - before.writes, self.cpu_seconds - before.cpu_seconds)


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

    async def merge(self, path: str, change: Object) -> None:
        """Change fields of an object."""
        async with self.http.patch(path, data=json.dumps(change), headers=MERGE) as response:
            response.raise_for_status()

    async def effort(self) -> Effort:
        """Ask the API server what it did so far."""
        async with self.http.get("/metrics") as response:
            text = await response.text()
        writes: Counter[str] = Counter()
        for each in samples(text, "apiserver_request_total"):
            resource = "/".join(filter(None, map(each.labels.get, ("resource", "subresource"))))
            if each.labels["verb"] in {"POST", "PATCH"} and resource in OF_THE_OPERATOR:
                writes[f"{each.labels['verb']} {resource}"] += round(each.value)
        return Effort(writes, total(text, "process_cpu_seconds_total"))


async def side_by_side(jobs: Iterable[Callable[[], Awaitable[None]]]) -> None:
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
    """

    connected: dict[str, float] = field(default_factory=dict)
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
            while len(self.connected) < count:
                self._news.clear()
                await self._news.wait()

    async def _follow(self, api: ApiServer) -> None:
        """Follow the watch; begin anew when the API server ends it, or does not serve it yet."""
        forever = aiohttp.ClientTimeout(total=None)
        while True:
            async with api.http.get(MAILBOXES, params=WATCH, timeout=forever) as response:
                if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                    response.raise_for_status()
                    async for line in response.content:
                        self._take(json.loads(line)["object"])
            await asyncio.sleep(AGAIN_SECONDS)

    def _take(self, mailbox: Object) -> None:
        name, status = mailbox["metadata"]["name"], mailbox["status"]
        ready = [c for c in status.get("conditions", ()) if c["type"] == "Ready"]
        current = status["observedGeneration"] == mailbox["metadata"]["generation"]
        if current and ready and ready[0]["status"] == "True":
            self.connected.setdefault(name, time.monotonic())
            self._news.set()
        else:
            self.connected.pop(name, None)
