"""What it costs to take in a listing and the echo of statuses: by kopf's tasks, and from the stream.

`python -m tools.bench.intake` runs both ways in turns against an API server that only repeats itself,
in another process; N sets the size, ROUNDS how often. Processor time says more than seconds where the
machine is busy.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import aiohttp
import kopf
from aiohttp import web
from kubernetes.aio import client

from lab.servers.scripted import serving
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import object_path
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.names import GROUP
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.connection import kopf_session
from mailbox_operator.watch.handlers import NoMemo, operator_settings, register
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.store import Store
from mailbox_operator.watch.stream import Stream
from mailbox_operator.watch.takes import takes

MAILBOXES: Final = object_path(Kind.MAILBOX)
PIECE_BYTES: Final = 32 * 1024
LONGEST_SECONDS: Final = 300
IDENTITY: Final[Any] = "bench"
PARTS: Final = {"singularName": "x", "shortNames": [], "categories": [], "verbs": ["list", "watch"]}
KINDS: Final = [
    ("mailboxes", "Mailbox", True),
    ("senders", "Sender", True),
    ("managedinfrastructures", "ManagedInfrastructure", False),
]


class Nobody:
    """Does nothing about changes."""

    def changed(self, key: Key, change: Change) -> None:
        """Leave it."""

    def gone(self, key: Key) -> None:
        """Leave it."""

    def oversize(self, subject: Subject) -> None:
        """Leave it."""


def mailbox(number: int) -> dict[str, Any]:
    """Make a Mailbox with a status; its version tells it from no other view of it."""
    name, when = f"box-{number}", "2026-01-01T00:00:00Z"
    metadata = {"name": name, "namespace": "acme", "uid": name, "creationTimestamp": when}
    said = {"status": "True", "reason": "Connected", "lastTransitionTime": when}
    said["message"] = "The server accepted the login."
    return {
        "metadata": {**metadata, "generation": 1, "resourceVersion": str(number + 1)},
        "spec": {"address": f"{name}@acme.example", "provider": "Google"},
        "status": {"conditions": [{"type": each, **said} for each in ("Ready", "Connected")]},
    }


@dataclass(slots=True)
class Echoes:
    """An API server with so many Mailboxes, each of which comes back once when that is asked for."""

    size: int
    asked: asyncio.Event

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer what kopf asks."""
        if request.method == "POST":
            self.asked.set()
        if "watch" in request.query:
            return await self._watch(request)
        return web.json_response(self._found(request.path, request.query))

    def _found(self, path: str, query: Mapping[str, str]) -> Any:
        kinds = [{"name": n, "kind": k, "namespaced": s, **PARTS} for n, k, s in KINDS]
        places = [{"name": "namespaces", "kind": "Namespace", "namespaced": False, **PARTS}]
        version = {"version": "v1alpha1", "groupVersion": f"{GROUP}/v1alpha1"}
        group = {"name": GROUP, "preferredVersion": version, "versions": [version]}
        at, limit = int(query.get("continue") or 0), int(query.get("limit") or 1)
        is_last = path != MAILBOXES or at + limit >= self.size
        known = {"resourceVersion": str(self.size), "continue": "" if is_last else str(at + limit)}
        items = range(at, min(at + limit, self.size)) if path == MAILBOXES else ()
        return {
            "/api": {"versions": ["v1"]},
            "/apis": {"groups": [group]},
            "/api/v1": {"resources": places},
            f"/apis/{GROUP}/v1alpha1": {"resources": kinds},
        }.get(path, {"metadata": known, "items": [mailbox(number) for number in items]})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await self.asked.wait()
        if request.path == MAILBOXES:
            told = b"".join(map(_event, range(self.size + 1)))
            for start in range(0, len(told), PIECE_BYTES):
                await response.write(told[start : start + PIECE_BYTES])
        await asyncio.Event().wait()
        return response


def _event(number: int) -> bytes:
    return json.dumps({"type": "MODIFIED", "object": mailbox(number)}).encode() + b"\n"


async def follow(url: str, size: int, *, by_task: bool) -> None:
    """Take all in, then what comes back and one newcomer behind it; print what that took."""
    hearing, scope, store = Hearing(), Scope(), Store("operators")
    registry, stop, intake = kopf.OperatorRegistry(), asyncio.Event(), Intake(store, Nobody())
    way = "a task each" if by_task else "the stream"
    async with ApiServer(client.ApiClient(client.Configuration(host=url))) as api:
        stream = Stream(hearing, {} if by_task else takes(intake, scope))
        register(registry, intake, scope, url, partial(kopf_session, api, stream), _nothing)
        following = kopf.operator(
            registry=registry,
            settings=operator_settings(),
            identity=IDENTITY,
            memo=NoMemo(),
            clusterwide=True,
            standalone=True,
            stop_flag=stop,
        )
        running = asyncio.create_task(following)
        await _timed(f"{way}: listing of {size}", lambda: knows(store, size - 1))
        async with aiohttp.ClientSession() as http:
            await http.post(url)
        await _timed(f"{way}: a newcomer behind {size} echoes", lambda: knows(store, size))
        stop.set()
        await asyncio.wait([running])


def knows(store: Store, number: int) -> bool:
    """Say whether a Mailbox is taken in."""
    return store.subject(Key(Kind.MAILBOX, "acme", f"box-{number}")) is not None


async def _nothing() -> None: ...


async def _timed(what: str, is_so: Callable[[], bool]) -> None:
    began, used = time.monotonic(), time.process_time()
    async with asyncio.timeout(LONGEST_SECONDS):
        while not is_so():  # noqa: ASYNC110 - what is measured tells nobody when it is through
            await asyncio.sleep(0.005)
    took, cpu = time.monotonic() - began, time.process_time() - used
    print(f"{what}: {took:.2f} s, {cpu:.2f} s of processor time", flush=True)


async def serve(size: int) -> None:
    """Be the API server, until the input ends."""
    async with serving(Echoes(size, asyncio.Event()).answer) as url:
        print(url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def measure(size: int) -> None:
    """Measure both ways in turns."""
    for by_task in (True, False) * int(os.environ.get("ROUNDS") or 2):
        command, pipe = (sys.executable, "-m", "tools.bench.intake", "serve"), subprocess.PIPE
        server = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        assert server.stdout is not None
        url = (await server.stdout.readline()).decode().strip()
        await follow(url, size, by_task=by_task)
        server.kill()
        await server.wait()


if __name__ == "__main__":
    act = serve if sys.argv[1:] == ["serve"] else measure
    asyncio.run(act(int(os.environ.get("N") or 1000)))
