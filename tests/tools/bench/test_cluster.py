"""The observer knows in which generation a Mailbox is connected."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tools.bench.cluster import MAILBOXES, ApiServer, Watch

WITHIN_SECONDS = 10.0
EXPIRED = {"kind": "Status", "code": 410, "metadata": {}}


BOX_2 = {
    "type": "ADDED",
    "object": {
        "metadata": {"name": "box-2", "generation": 1},
        "status": {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]},
    },
}


class Tell(Protocol):
    """Has the API server say something of a Mailbox."""

    def __call__(self, generation: int, seen: int, ready: str, name: str = "box-1") -> None:
        """Say its generation, the one that the status is of, and whether it is ready."""


@asynccontextmanager
async def observed(*before: str) -> AsyncIterator[tuple[Watch, Tell]]:
    """Watch an API server that says what it is told to, after other lines in the first answer."""
    lines, first = asyncio.Queue[str](), list(before)

    async def serve(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        if first:
            await response.write(f"{first.pop()}\n".encode())
            assert request.transport is not None
            request.transport.close()
            return response
        while True:
            await response.write(f"{await lines.get()}\n".encode())

    def tell(generation: int, seen: int, ready: str, name: str = "box-1") -> None:
        conditions = [{"type": "Ready", "status": ready}]
        status = {"observedGeneration": seen, "conditions": conditions}
        metadata = {"name": name, "generation": generation}
        told = {"metadata": metadata, "status": status}
        lines.put_nowait(json.dumps({"type": "MODIFIED", "object": told}))

    application = web.Application()
    application.router.add_get(MAILBOXES, serve)
    async with (
        TestServer(application) as server,
        aiohttp.ClientSession(server.make_url("/")) as http,
        Watch.of(ApiServer(http)) as watch,
    ):
        yield watch, tell


async def test_an_edited_mailbox_counts_when_its_new_generation_connects() -> None:
    async with observed() as (watch, tell):
        tell(1, 1, "True")
        await watch.until_generations({"box-1": 1}, WITHIN_SECONDS)
        first = watch.connected["box-1"]
        tell(2, 1, "True")
        tell(2, 2, "True")

        await watch.until_generations({"box-1": 2}, WITHIN_SECONDS)

        assert watch.connected["box-1"] > first


async def test_an_edit_whose_middle_was_not_seen_counts_as_well() -> None:
    async with observed() as (watch, tell):
        tell(1, 1, "True")
        tell(2, 2, "True")

        await watch.until_generations({"box-1": 2}, WITHIN_SECONDS)


async def test_a_watch_that_expired_is_begun_again() -> None:
    async with observed(json.dumps({"type": "ERROR", "object": EXPIRED})) as (watch, tell):
        tell(1, 1, "True")

        await watch.until_connected(1, WITHIN_SECONDS)


async def test_a_watch_that_was_cut_is_begun_again() -> None:
    async with observed(json.dumps(BOX_2)) as (watch, tell):
        await watch.until_connected(1, WITHIN_SECONDS)
        tell(1, 1, "True")

        await watch.until_connected(2, WITHIN_SECONDS)


async def test_a_mailbox_that_only_repeats_itself_was_connected_when_it_was_first_seen() -> None:
    async with observed() as (watch, tell):
        tell(1, 1, "True")
        await watch.until_connected(1, WITHIN_SECONDS)
        first = watch.connected["box-1"]
        tell(1, 1, "True")
        tell(1, 1, "True", "box-2")

        await watch.until_connected(2, WITHIN_SECONDS)

        assert watch.connected["box-1"] == first


async def test_a_mailbox_that_lost_its_connection_is_not_counted() -> None:
    async with observed() as (watch, tell):
        tell(1, 1, "True")
        await watch.until_connected(1, WITHIN_SECONDS)
        tell(1, 1, "False")
        tell(1, 1, "True", "box-2")

        await watch.until_generations({"box-2": 1}, WITHIN_SECONDS)

        assert set(watch.connected) == {"box-2"}
