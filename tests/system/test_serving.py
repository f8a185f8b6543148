"""What peers cannot do to a port, over real sockets."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

import pytest
from aiohttp import web

from lab.serving_site import GET, Peers, answer_of, are_closed, asked, drip, serving
from mailbox_operator.serving import Bounds, peer_of
from mailbox_operator.settings.operator import ConsentSection, ListenSection

SHORT: Final = Bounds(
    connections=20,
    connections_each=12,
    headers_seconds=0.5,
    seconds=1.0,
    bytes=4096,
    headers={"X-Frame-Options": "DENY"},
)
PATIENT: Final = replace(SHORT, headers_seconds=60, seconds=60)
IPV6: Final = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
STRANGER: Final = "127.0.0.9"
NEIGHBOUR: Final = "127.0.0.8"
ENDLESS: Final = b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"
PAGE: Final = b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"
HALF: Final = b"GET / HTTP/1.1\r\nX: "
SLOW_BODY: Final = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nab"


class Place:
    """An application with a bit of everything.

    Attributes:
        written: Bytes of the endless answer that were taken from it.
        asked: How often its probe or its page was.
        answered: That its page was asked for once more.
    """

    def __init__(self) -> None:
        self.written = 0
        self.asked = 0
        self.answered = asyncio.Event()

    def application(self) -> web.Application:
        """Build it."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self.healthz),
                web.get("/endless", self.endless),
                web.post("/body", self.body),
                web.get("/bug", self.bug),
                web.get("/page", self.page),
            ]
        )
        return app

    async def healthz(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(text="ok")

    async def endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)
            self.written += 65_536

    async def body(self, request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async def page(self, _: web.Request) -> web.Response:
        self.asked += 1
        self.answered.set()
        return web.Response(body=b"x" * 65_536)

    async def bug(self, _: web.Request) -> web.Response:
        raise ValueError("a secret")


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
async def peers(place: Place) -> AsyncIterator[Peers]:
    async with serving(place.application(), SHORT) as opened:
        yield opened


@pytest.fixture
async def patient(place: Place) -> AsyncIterator[Peers]:
    async with serving(place.application(), PATIENT) as opened:
        yield opened


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("[::1]", marks=IPV6)])
@pytest.mark.parametrize("address", [ListenSection().address, ConsentSection().address])
async def test_a_port_answers_probes_of_ipv4_and_of_ipv6_unless_told_otherwise(
    place: Place, address: str, host: str
) -> None:
    async with serving(place.application(), SHORT, address=address) as peers:
        assert (await asked(peers.port, host=host))[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(HALF, id="a half header"),
        pytest.param(GET + HALF, id="a half second one"),
        pytest.param(SLOW_BODY, id="a half body"),
        pytest.param(GET, id="a request and silence"),
        pytest.param(ENDLESS, id="a request without reading the answer"),
    ],
)
async def test_a_connection_that_stalls_is_cut_off(peers: Peers, sent: bytes) -> None:
    stalled = await peers.flood(5, sent)

    assert await are_closed(stalled) == 5


@pytest.mark.parametrize("sent", [b"", HALF])
async def test_headers_have_a_time_of_their_own(place: Place, sent: bytes) -> None:
    async with serving(place.application(), replace(SHORT, seconds=60)) as peers:
        stalled = await peers.flood(5, sent)

        assert await are_closed(stalled) == 5


async def test_headers_of_a_second_request_have_a_time_of_their_own(place: Place) -> None:
    loop = asyncio.get_running_loop()
    async with serving(place.application(), replace(SHORT, seconds=60)) as peers:
        stalled = await peers.open(GET)
        assert (await loop.sock_recv(stalled, 4096)).startswith(b"HTTP/1.1 200")
        await loop.sock_sendall(stalled, HALF)

        assert await are_closed([stalled]) == 1


@pytest.mark.parametrize("sent", [SLOW_BODY, ENDLESS])
async def test_a_request_has_a_time_of_its_own(place: Place, sent: bytes) -> None:
    async with serving(place.application(), replace(SHORT, headers_seconds=60)) as peers:
        stalled = await peers.flood(5, sent)

        assert await are_closed(stalled) == 5


async def test_a_header_that_drips_does_not_prolong_its_time(peers: Peers) -> None:
    dripping = await peers.open(HALF)

    async with asyncio.timeout(20):
        assert await drip(dripping)


async def test_an_answer_that_nobody_reads_is_not_written_on(patient: Peers, place: Place) -> None:
    await patient.open(ENDLESS)
    assert (await asked(patient.port))[0] == 200

    assert place.written < 64 * 1024 * 1024


@pytest.mark.parametrize("sent", [b"", HALF, ENDLESS, SLOW_BODY])
async def test_a_probe_gets_in_however_many_hold_the_port(patient: Peers, sent: bytes) -> None:
    held = [await patient.open(sent, f"127.0.1.{number % 50 + 1}") for number in range(1, 200)]

    statuses = [await asked(patient.port) for _ in range(5)]

    assert statuses == [(200, b"ok")] * 5
    assert await are_closed(held, within=1) >= len(held) - PATIENT.connections


async def test_a_peer_displaces_itself_and_not_its_neighbours(patient: Peers) -> None:
    neighbour = await patient.open(b"GET /heal", NEIGHBOUR)
    strangers = await patient.flood(60, b"", STRANGER)

    await asyncio.get_running_loop().sock_sendall(
        neighbour, b"thz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )

    assert (await answer_of(neighbour)).endswith(b"ok")
    assert await are_closed(strangers, within=1) == 60 - PATIENT.connections_each


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000, id="headers"),
        pytest.param(SLOW_BODY.replace(b"999", b"99999") + b"x" * 9000, id="a body"),
        pytest.param(GET * 400, id="pipelined requests"),
        pytest.param(ENDLESS + GET * 400, id="requests behind one"),
    ],
)
async def test_what_sends_too_much_at_once_is_cut_off(
    patient: Peers, place: Place, sent: bytes
) -> None:
    too_much = await patient.open(sent)

    assert await are_closed([too_much]) == 1
    assert place.asked <= 128


async def test_a_peer_that_asks_again_without_reading_the_last_answers_gets_no_more(
    patient: Peers, place: Place
) -> None:
    peer, loop = await patient.open(), asyncio.get_running_loop()

    with suppress(TimeoutError):
        while place.asked < 1000:
            await loop.sock_sendall(peer, PAGE)
            async with asyncio.timeout(2):
                await place.answered.wait()
            place.answered.clear()

    assert place.asked < 1000


async def test_a_connection_that_is_in_use_outlasts_idle_ones_of_its_peer(patient: Peers) -> None:
    used, *idle = await patient.flood(PATIENT.connections_each)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(used, GET)
    assert b"200 OK" in await loop.sock_recv(used, 4096)

    await patient.flood(len(idle))

    await loop.sock_sendall(used, GET)
    assert b"200 OK" in await loop.sock_recv(used, 4096)
    assert await are_closed(idle) == len(idle)


async def test_many_small_requests_one_after_the_other_are_not_too_much(peers: Peers) -> None:
    peer, loop = await peers.open(), asyncio.get_running_loop()

    for _ in range(300):
        await loop.sock_sendall(peer, GET)
        assert b"200 OK" in await loop.sock_recv(peer, 4096)


async def test_what_is_no_request_is_answered_with_the_headers_of_every_answer(
    peers: Peers, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await answer_of(await peers.open(b"NONSENSE\r\n\r\n"))

    assert answer.startswith(b"HTTP/1.0 400")
    assert b"X-Frame-Options: DENY" in answer
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("sent", [ENDLESS, SLOW_BODY])
async def test_a_peer_that_leaves_amid_a_request_is_no_error(
    peers: Peers, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    leaving = await peers.open(GET + sent)
    assert b"200 OK" in await asyncio.get_running_loop().sock_recv(leaving, 4096)

    leaving.close()

    assert await asked(peers.port) == (200, b"ok")
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_a_bug_is_logged_and_not_shown(
    peers: Peers, caplog: pytest.LogCaptureFixture
) -> None:
    status, text = await asked(peers.port, "/bug")

    assert (status, text) == (500, b"")
    assert "HTTP request failed" in caplog.messages


@pytest.mark.parametrize(
    ("address", "peer"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_the_owner_of_an_address_has_its_network_in_ipv6(address: str, peer: str) -> None:
    assert peer_of(address) == peer
