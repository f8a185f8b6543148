"""Whatever the API server answers, no more of it is read than fits, and trouble is one error."""

import asyncio
import gzip
import json
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web

from lab.servers.scripted import answering, serving
from mailbox_operator.cluster.answers import LARGE_BYTES, MOST_ANSWER_BYTES, MOST_LARGE, Reader
from mailbox_operator.cluster.unanswered import ApiServerError, TooLargeError


async def test_an_answer_is_returned_with_its_size() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b'{"a": 1}')

    async with answering(answer) as api:
        assert await api.measure("/x") == (8, {"a": 1})


async def test_an_answer_is_read_up_to_the_limit_and_no_further() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"[" + b"1," * 500_000 + b"1]")

    async with answering(answer) as api:
        with pytest.raises(TooLargeError) as caught:
            await api.measure("/x", at_most=100_000)

    assert 100_000 < len(caught.value.beginning) < 400_000


async def test_an_endless_answer_ends_at_the_limit() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    async with answering(answer) as api:
        with pytest.raises(TooLargeError) as caught:
            await api.get("/x")

    assert len(caught.value.beginning) < 2 * MOST_ANSWER_BYTES


async def test_no_more_than_four_large_answers_are_in_memory_at_once() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        large = request.path == "/large"
        return web.Response(body=b"[" + b"1," * LARGE_BYTES + b"1]" if large else b"{}")

    reader, held = Reader(), [AsyncExitStack() for _ in range(MOST_LARGE)]
    async with serving(answer) as url, aiohttp.ClientSession(read_bufsize=65536) as http:

        async def read(large: AsyncExitStack, path: str = "/large") -> bytearray:
            return await reader.read(await http.get(f"{url}{path}"), MOST_ANSWER_BYTES, large)

        for each in held:
            await read(each)
        fifth = asyncio.create_task(read(AsyncExitStack()))
        for _ in range(20):  # small ones overtake it
            await read(AsyncExitStack(), "/small")
        waited = not fifth.done()
        await held[0].aclose()

        assert waited
        assert len(await fifth) > LARGE_BYTES


async def test_a_compressed_answer_is_not_asked_for() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.headers["Accept-Encoding"] == "identity":
            return web.json_response({"plain": True})
        body = gzip.compress(json.dumps({"plain": False}).encode())
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with answering(answer) as api:
        assert await api.get("/x") == {"plain": True}


@pytest.mark.parametrize("body", [b"<html>", b"", b"[" * 100_000], ids=["page", "empty", "deep"])
async def test_an_answer_that_is_no_json_is_no_answer(body: bytes) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body)

    async with answering(answer) as api:
        with pytest.raises(ApiServerError) as caught:
            await api.get("/x")

    assert caught.value.status == 0


async def test_a_watch_is_read_line_by_line() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in (b"on", b"e\ntwo\nth", b"ree", b"\n"):
            await response.write(piece)
        return response

    async with answering(answer) as api, api.lines("/x", "application/json") as lines:
        assert [line async for line in lines] == [b"one", b"two", b"three"]


async def test_a_line_without_end_breaks_the_watch_off() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    async with answering(answer) as api:
        with pytest.raises(ApiServerError, match="OversizeError"):
            async with api.lines("/x", "application/json") as lines:
                assert [line async for line in lines] == []


async def test_a_watch_that_is_refused_says_with_what() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=403)

    async with answering(answer) as api:
        with pytest.raises(ApiServerError) as caught:
            async with api.lines("/x", "application/json"):
                pass

    assert caught.value.status == 403


@pytest.mark.parametrize(
    "when",
    [
        pytest.param({"Retry-After": "1"}, id="in seconds"),
        pytest.param(
            {
                "Date": "Mon, 23 Nov 2026 12:00:00 GMT",
                "Retry-After": "Mon, 23 Nov 2026 12:00:01 GMT",
            },
            id="by a date",
        ),
    ],
)
async def test_an_api_server_that_is_busy_is_asked_again_when_it_says(
    when: dict[str, str],
) -> None:
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.text())
        busy = len(asked) < 3
        return web.Response(status=429 if busy else 200, body=b"{}", headers=when)

    async with answering(answer) as api:
        assert await api.patch("/x", {"a": 1}) == {}

    assert asked == ['{"a": 1}'] * 3


async def test_an_api_server_that_is_busy_for_long_is_left_to_the_caller() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "40"})

    async with answering(answer) as api:
        with pytest.raises(ApiServerError) as caught:
            await api.get("/x")

    assert (caught.value.status, caught.value.pause_seconds) == (503, 40)


async def test_a_right_that_is_missing_is_named_as_the_api_server_names_it() -> None:
    said = {"kind": "Status", "message": "cannot list resource secrets"}

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(said, status=403)

    async with answering(answer) as api:
        with pytest.raises(ApiServerError, match="403 Forbidden: cannot list resource secrets"):
            await api.get("/x")
        with pytest.raises(ApiServerError, match="403 Forbidden: cannot list resource secrets"):
            async with api.lines("/x", "application/json"):
                pass
