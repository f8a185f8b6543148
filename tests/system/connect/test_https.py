"""A sign-in service that drips, floods or tells nonsense costs one attempt, and little of that."""

import asyncio
import threading
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from lab.attempts import refusal, until
from lab.servers.authority import Authority
from lab.servers.https_mischief import (
    HEAD,
    Wayward,
    Words,
    endless_body,
    endless_chunks,
    endless_headers,
    endless_interim_responses,
    in_bulk,
    many_chunks,
    wayward,
    whole,
)
from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.connect.oauth.https import MOST_RESPONSE_BYTES, Https
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Cloud, Provider
from system.connect.cases import UID, case
from system.connect.oauth import World

MIB = 1_048_576
BIG = 100 * MIB
BOMB = zlib.compress(b" " * 8 * MIB)
Ask = Callable[[World, str], Awaitable[object]]
Play = Callable[[Wayward], Awaitable[str]]


@pytest.fixture
async def play(authority: Authority) -> AsyncIterator[Play]:
    async with AsyncExitStack() as stack:

        async def start(server: Wayward) -> str:
            running = wayward(authority.server_context(), server)
            return await stack.enter_async_context(running)

        yield start


def google(world: World, url: str) -> Awaitable[object]:
    world.token_url = url
    return world.google.connect(case(Provider.GOOGLE))


def outlook(world: World, url: str, uid: str = UID) -> Awaitable[object]:
    world.authority_url = url
    return world.outlook.connect(case(Provider.OUTLOOK, uid=uid))


def keys(world: World, url: str) -> Awaitable[object]:
    token = world.oauth.ledger.sign({"aud": "app"})
    return world.id_tokens.verify(token, f"{url}/keys", lambda _: pytest.fail("no keys"))


def discovery(world: World, url: str) -> Awaitable[object]:
    world.authority_url = url
    return world.outlook._microsoft("t", Cloud.GLOBAL, "team").discover()  # noqa: SLF001


ALL = [google, outlook, keys, discovery]


def wayward_for(ask: Ask, words: Words, *, drips: bool = False) -> Wayward:
    return Wayward(words, drips, discovers=ask not in (keys, discovery))


async def failed(
    world: World, play: Play, ask: Ask, words: Words, *, drips: bool = False
) -> tuple[Fault, Wayward]:
    """Ask a wayward server; tell the fault, once it has left nothing behind."""
    server = wayward_for(ask, words, drips=drips)
    fault = await refusal(ask(world, await play(server)))
    await until(lambda: not server.open and not threads())
    return fault, server


def threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "msal"]


def spaces(size: int, status: int) -> Words:
    head = HEAD % status + b"Content-Length: %d\r\n\r\n" % size
    return lambda: [head, *[b" " * 65_536] * (size // 65_536)]


def packed(how: bytes) -> Words:
    return whole(BOMB, 400, b"Content-Encoding: " + how + b"\r\n")


@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize(
    "words", [endless_body, endless_headers, endless_interim_responses, endless_chunks]
)
async def test_a_server_that_drips_does_not_outlive_the_time_of_a_request(
    world: World, play: Play, ask: Ask, words: Words
) -> None:
    world.timeout_seconds = world.id_tokens.timeout_seconds = 0.5

    fault, _ = await failed(world, play, ask, words, drips=True)

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, "ReadTimeout")


@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize("status", [200, 400, 503])
async def test_a_server_that_floods_is_cut_off(
    world: World, play: Play, ask: Ask, status: int
) -> None:
    tracemalloc.start()
    try:
        fault, server = await failed(world, play, ask, spaces(BIG, status))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (fault.reason, fault.facts["code"]) == (
        Reason.PROVIDER_UNAVAILABLE, "RemoteProtocolError")  # fmt: skip
    assert server.sent < BIG / 4  # what the buffers of two sockets hold
    assert peak < 8 * MIB


@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(in_bulk(many_chunks), id="chunks of one byte"),
        pytest.param(in_bulk(endless_headers), id="headers"),
        pytest.param(packed(b"gzip"), id="gzip"),
        pytest.param(packed(b"deflate"), id="deflate"),
        pytest.param(lambda: [b"no HTTP\r\n\r\n"], id="no HTTP"),
    ],
)
async def test_a_response_that_is_more_than_it_seems_is_refused(
    world: World, play: Play, ask: Ask, words: Words
) -> None:
    fault, _ = await failed(world, play, ask, words)

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE
    assert fault.facts["code"] in {"RemoteProtocolError", "DecodingError"}


@pytest.mark.parametrize("ask", ALL)
async def test_no_compression_is_asked_for(world: World, play: Play, ask: Ask) -> None:
    _, server = await failed(world, play, ask, whole(b"[]"))

    told = [head.lower().count("accept-encoding: identity\r\n") for head in server.heard]

    assert told == [1] * len(server.heard)


@pytest.mark.parametrize("ask", ALL)
@pytest.mark.parametrize("charset", [b"zlib", b"idna", b"undefined"])
async def test_a_charset_decides_nothing(
    world: World, play: Play, ask: Ask, charset: bytes
) -> None:
    more = b"Content-Type: application/json; charset=" + charset + b"\r\n"

    fault, _ = await failed(world, play, ask, whole(BOMB, 200, more))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


@pytest.mark.parametrize(
    ("ask", "status"),
    [(google, 200), (outlook, 200), (keys, 200), (discovery, 200), (outlook, 400)],
)
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        b'{"error": ' + b"[" * 500 + b"]" * 500 + b"}",
        b"[]",
        b'"text"',
        b"null",
        b"9" * 5_000,
        b"\xff\xfe{}",
        b'{"\xff": 1}',
        b"",
    ],
)
async def test_a_body_that_is_no_plain_object_is_no_bug_of_ours(
    world: World, play: Play, ask: Ask, status: int, body: bytes
) -> None:
    fault, _ = await failed(world, play, ask, whole(body, status))

    assert fault.reason in {Reason.PROVIDER_UNAVAILABLE, Reason.UNKNOWN, Reason.OAUTH_APP_INVALID}


@pytest.mark.parametrize("ask", [google, outlook])
@pytest.mark.parametrize(
    "lifetime", ["1e400", "-1e400", "NaN", "-1", '"nan"', '"inf"', "1" + "0" * 400, "[]", "{}"]
)
async def test_a_lifetime_that_is_none_is_no_bug_of_ours(
    world: World, play: Play, ask: Ask, lifetime: str
) -> None:
    body = f'{{"access_token": "x", "token_type": "Bearer", "expires_in": {lifetime}}}'

    fault, _ = await failed(world, play, ask, whole(body.encode()))

    assert (fault.reason, fault.facts["code"]) == (
        Reason.PROVIDER_UNAVAILABLE, "no token response")  # fmt: skip


@pytest.mark.parametrize("ask", [google, outlook])
@pytest.mark.parametrize("token", ["{}", "[]", "7", "null", '""', "true"])
async def test_a_token_that_is_no_text_is_refused(
    world: World, play: Play, ask: Ask, token: str
) -> None:
    body = f'{{"access_token": {token}, "token_type": "Bearer", "expires_in": 60}}'

    fault, _ = await failed(world, play, ask, whole(body.encode()))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE
    assert world.mail.auths == 0


@pytest.mark.parametrize(
    "where", ["https://[", "https://localhost:x/", "https://a\0/", "ftp://localhost/", "nowhere"]
)
async def test_an_address_that_is_none_is_no_bug_of_ours(world: World, where: str) -> None:
    fault = await refusal(Https(world.trust, 1, MailThread()).send("GET", where))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


async def test_a_body_of_the_greatest_length_is_read(world: World, play: Play) -> None:
    url = await play(Wayward(whole(b" " * MOST_RESPONSE_BYTES), discovers=False))

    response = await Https(world.trust, 5, MailThread()).send("GET", url)

    assert len(response.content) == MOST_RESPONSE_BYTES


async def test_an_attempt_that_is_given_up_leaves_no_thread_for_longer_than_its_exchange_may_take(
    world: World, play: Play
) -> None:
    silent = Wayward(endless_body, drips=True)
    world.timeout_seconds = 2
    asked = asyncio.create_task(asyncio.wait_for(outlook(world, await play(silent)), 60))
    await until(lambda: silent.open > 0 and threads() != [])

    asked.cancel()
    await asyncio.wait([asked])

    await until(lambda: not silent.open and not threads())


async def test_threads_of_msal_are_no_more_than_allowed(world: World, play: Play) -> None:
    silent = Wayward(endless_body, drips=True)
    url = await play(silent)
    world.timeout_seconds = 1
    world.threads = Threads("msal", 4, patience_seconds=30, idle_seconds=0.05)

    mailboxes = [f"mailbox-{number}" for number in range(8)]
    asked = [asyncio.create_task(refusal(outlook(world, url, uid))) for uid in mailboxes]
    most = 0
    while not all(each.done() for each in asked):
        most = max(most, len(threads()))
        await asyncio.sleep(0.01)

    assert most == 2  # half of them: the other half is for other tenants
    assert {each.result().facts["code"] for each in asked} == {"ReadTimeout"}
