"""What the platform's own way out does to a request is the platform's, and named."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.endpoint import endpoint
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.relays import Relays
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Move, Reason
from mailbox_operator.decide.machine.verdict import message_of
from mailbox_operator.decide.words import Cloud, Provider
from system.connect.cases import case, smtp
from system.connect.oauth import World
from unit import make

Ask = Callable[[World, str], Awaitable[object]]
ENVOY = (
    "upstream connect error or disconnect/reset before headers. reset reason: connection timeout"
)
GOOGLES_PAGE = "<html><title>Error 502 (Server Error)!!1</title>"
MICROSOFTS_PAGE = "<h2>Our services aren't available right now</h2>"
GOOGLES = {"Server": "scaffolding on HTTPServer2"}
MICROSOFTS = {"X-Azure-Ref": "0x"}
PAGE = "<!DOCTYPE html><html>Access denied by policy</html>"


def google(world: World, url: str) -> Awaitable[object]:
    world.token_url = f"{url}/token"
    return world.google.connect(case(Provider.GOOGLE))


def outlook(world: World, url: str) -> Awaitable[object]:
    world.authority_url = url
    return world.outlook.connect(case(Provider.OUTLOOK))


def discovery(world: World, url: str) -> Awaitable[object]:
    world.authority_url = url
    return world.outlook._microsoft("t", Cloud.GLOBAL, "team").discover()  # noqa: SLF001


def keys(world: World, url: str) -> Awaitable[object]:
    token = world.oauth.ledger.sign({"aud": "app"})
    return world.id_tokens.verify(token, f"{url}/keys", lambda _: pytest.fail("no keys"))


def platform(provider: Provider) -> Ask:
    """Ask as the check of a ManagedInfrastructure does."""

    def ask(world: World, url: str) -> Awaitable[object]:
        world.token_url, world.authority_url = f"{url}/token", url
        world.secrets.content["platform", "app"] = {"client-id": "app", "client-secret": "hush"}
        parts = (world.trust, world.secrets, world.apps, Relays(world.clock))
        offer = (
            make.offer(google="app")
            if provider is Provider.GOOGLE
            else make.offer(outlook="app", tenant="contoso.example")
        )
        return PlatformConnector(smtp(), *parts).check(make.infrastructure(offer))

    return ask


EVERY = pytest.mark.parametrize(
    "ask",
    [
        google,
        outlook,
        discovery,
        keys,
        pytest.param(platform(Provider.GOOGLE), id="the platform's Google app"),
        pytest.param(platform(Provider.OUTLOOK), id="the platform's Outlook app"),
    ],
)


def assert_the_platforms(fault: Fault, *words: str) -> None:
    message = message_of(case().mailbox, fault)
    assert fault.reason is Reason.NETWORK_UNAVAILABLE
    assert f". {Move.PLATFORM}: " in message
    assert [word for word in words if word not in message] == []


@EVERY
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://localhost:1", "localhost (localhost:1 refuses the connection)"),
        ("https://login.nowhere.invalid", "the name login.nowhere.invalid cannot be resolved"),
    ],
)
async def test_a_service_that_is_out_of_reach(world: World, ask: Ask, url: str, words: str) -> None:
    fault = await refusal(ask(world, url))

    assert_the_platforms(fault, words)


@EVERY
async def test_a_gateway_that_inspects_tls_with_an_unknown_authority(
    world: World, ask: Ask
) -> None:
    world.trust = world.id_tokens.trust = Trust()

    fault = await refusal(ask(world, world.oauth.url))

    assert_the_platforms(fault, "localhost (its certificate is not trusted", "egress.caBundleFile")
    assert world.tally == (0, 0)


@EVERY
async def test_a_firewall_that_cuts_tls_off(world: World, ask: Ask) -> None:
    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with await asyncio.start_server(cut, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await refusal(ask(world, f"https://localhost:{port}"))

    assert_the_platforms(fault, "localhost (the connection")


@EVERY
async def test_a_firewall_that_swallows_tls(world: World, ask: Ask) -> None:
    world.timeout_seconds = world.id_tokens.timeout_seconds = 0.3
    talks: list[asyncio.StreamWriter] = []

    async with await asyncio.start_server(
        lambda _, writer: talks.append(writer), "127.0.0.1", 0
    ) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await refusal(ask(world, f"https://localhost:{port}"))
        for talk in talks:
            talk.transport.abort()

    assert_the_platforms(fault, f"no answer from localhost:{port} in time")


@EVERY
async def test_a_gateway_without_tls(world: World, ask: Ask) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await refusal(ask(world, f"https://localhost:{port}"))

    assert_the_platforms(fault, "the TLS handshake failed")


@EVERY
@pytest.mark.parametrize(
    ("status", "text"),
    [(status, PAGE) for status in (200, 400, 403, 407, 502, 503, 511)]
    + [(403, "Blocked by your administrator"), (407, ""), (200, "\ufeff\n<HTML>Sign in</HTML>")]
    + [(500, "Internal error"), (502, "Bad Gateway"), (503, ENVOY), (504, "Gateway Timeout")],
)
async def test_a_page_in_place_of_the_service(
    world: World, authority: Authority, ask: Ask, status: int, text: str
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    async with endpoint(authority.server_context(), answer) as url:
        fault = await refusal(ask(world, url))

    assert_the_platforms(
        fault, f"localhost (another page comes in place of its answer, HTTP {status})"
    )


@EVERY
@pytest.mark.parametrize("how", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize(
    ("status", "kind"), [(403, "text/html; charset=utf-8"), (503, "text/plain")]
)
async def test_a_compressed_page_in_place_of_the_service(
    world: World, authority: Authority, ask: Ask, how: str, status: int, kind: str
) -> None:
    async def answer(_: web.Request) -> web.Response:
        headers = {"Content-Encoding": how, "Content-Type": kind}
        return web.Response(body=b"\x1f\x8b\x08 whatever", status=status, headers=headers)

    async with endpoint(authority.server_context(), answer) as url:
        fault = await refusal(ask(world, url))

    assert_the_platforms(
        fault, f"localhost (a compressed page comes in place of its answer, HTTP {status})"
    )


@pytest.mark.parametrize("ask", [google, outlook, discovery, keys])
@pytest.mark.parametrize("status", [200, 400, 502])
async def test_html_without_a_tag_in_place_of_the_service(
    world: World, authority: Authority, ask: Ask, status: int
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="Access denied", status=status, content_type="text/html")

    async with endpoint(authority.server_context(), answer) as url:
        fault = await refusal(ask(world, url))

    assert_the_platforms(fault, f"HTTP {status}")


async def test_a_refusal_in_json_counts_whatever_its_media_type(
    world: World, authority: Authority
) -> None:
    async def answer(_: web.Request) -> web.Response:
        text = '{"error": "invalid_client"}'
        return web.Response(text=text, status=403, content_type="text/html")

    async with endpoint(authority.server_context(), answer) as url:
        fault = await refusal(google(world, url))

    assert fault.reason is Reason.OAUTH_APP_INVALID


@EVERY
@pytest.mark.parametrize("status", [302, 307, 308])
async def test_a_redirect_to_a_portal(
    world: World, authority: Authority, ask: Ask, status: int
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "https://portal.example/"})

    async with endpoint(authority.server_context(), answer) as url:
        fault = await refusal(ask(world, url))

    assert_the_platforms(fault, f"a redirect comes in place of its answer, HTTP {status}")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ({"status": 502, "text": GOOGLES_PAGE}, Reason.PROVIDER_UNAVAILABLE),
        ({"status": 502, "text": PAGE, "headers": GOOGLES}, Reason.PROVIDER_UNAVAILABLE),
        ({"status": 502, "text": "Bad Gateway", "headers": GOOGLES}, Reason.PROVIDER_UNAVAILABLE),
        ({"status": 503, "text": MICROSOFTS_PAGE}, Reason.PROVIDER_UNAVAILABLE),
        ({"status": 503, "text": PAGE, "headers": MICROSOFTS}, Reason.PROVIDER_UNAVAILABLE),
        ({"status": 503, "text": ""}, Reason.PROVIDER_UNAVAILABLE),
        ({"status": 503, "text": '{"error": "server_error"}'}, Reason.PROVIDER_UNAVAILABLE),
        ({"status": 429, "text": PAGE}, Reason.RATE_LIMITED),
    ],
)
@pytest.mark.parametrize("ask", [google, outlook])
async def test_an_outage_that_the_service_tells_of_itself_is_its_own(
    world: World, authority: Authority, ask: Ask, reply: dict[str, Any], reason: Reason
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(**reply)

    async with endpoint(authority.server_context(), answer) as url:
        fault = await refusal(ask(world, url))

    assert fault.reason is reason


@pytest.mark.parametrize("ask", [google, outlook, discovery, keys])
@pytest.mark.parametrize("how", ["identity", "gzip"])
async def test_where_no_gateway_can_speak_in_tls_every_answer_is_the_services_own(
    authority: Authority, trust: Trust, ask: Ask, how: str
) -> None:
    public = Trust(trust.bundle, public=trust.bundle)

    async def answer(_: web.Request) -> web.Response:
        headers = {"Content-Encoding": how, "Content-Type": "text/html"}
        return web.Response(body=PAGE.encode(), status=502, headers=headers)

    async with (
        World.running(authority, public) as world,
        endpoint(authority.server_context(), answer) as url,
    ):
        fault = await refusal(ask(world, url))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


async def test_a_service_that_breaks_off_after_tls_is_its_own_trouble(
    world: World, authority: Authority
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    context = authority.server_context()
    async with await asyncio.start_server(silent, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await refusal(google(world, f"https://localhost:{port}"))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE
