"""OAuth endpoints are reached through the platform's proxy, and mail servers are not."""

import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.proxy import Proxy
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.idtoken import Expected
from mailbox_operator.connect.oauth.proxies import Proxies
from mailbox_operator.decide.failure.reasons import Move, Reason
from mailbox_operator.decide.machine.verdict import message_of
from mailbox_operator.decide.words import Provider
from system.connect.cases import case
from system.connect.oauth import World
from system.connect.test_leaks import written

LOGIN = "canary-proxy-user:canary%40pass%2Fword"
PLAIN = "canary-proxy-user:canary@pass/word"
Start = Callable[[Proxy], Awaitable[Proxy]]
BOTH = pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OUTLOOK])


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:
        yield lambda proxy: stack.enter_async_context(proxy.running())


def behind(world: World, url: str, *exceptions: str) -> World:
    """Have the operator take a proxy for sign-in services."""
    world.proxies = world.id_tokens.proxies = Proxies(url, exceptions)
    return world


def connect(world: World, provider: Provider) -> Awaitable[object]:
    adapter = world.google if provider is Provider.GOOGLE else world.outlook
    return adapter.connect(case(provider))


def served(world: World) -> str:
    """Name the token endpoint as CONNECT does."""
    return world.oauth.url.removeprefix("https://")


@BOTH
async def test_sign_in_services_are_reached_through_the_proxy_and_mail_servers_are_not(
    world: World, start: Start, provider: Provider
) -> None:
    proxy = await start(Proxy())

    await connect(behind(world, proxy.url), provider)

    assert set(proxy.asked) == {served(world)}
    assert world.tally == (1, 1)


@BOTH
async def test_a_proxy_gets_the_login_it_wants(
    world: World, start: Start, provider: Provider
) -> None:
    proxy = await start(Proxy(login=PLAIN))

    await connect(behind(world, proxy.with_login(LOGIN)), provider)

    assert world.tally == (1, 1)


async def test_a_proxy_may_speak_tls_itself(world: World, authority: Authority) -> None:
    async with Proxy().running(authority.server_context()) as proxy:
        await connect(behind(world, proxy.url), Provider.GOOGLE)

        assert proxy.asked == [served(world)]


async def test_a_proxy_that_speaks_tls_is_not_the_service(
    world: World, authority: Authority
) -> None:
    async with Proxy(refusal=502).running(authority.server_context()) as proxy:
        fault = await refusal(connect(behind(world, proxy.url), Provider.GOOGLE))

    assert fault.reason is Reason.NETWORK_UNAVAILABLE


@BOTH
async def test_an_exception_is_reached_without_the_proxy(
    world: World, start: Start, provider: Provider
) -> None:
    proxy = await start(Proxy())

    await connect(behind(world, proxy.url, "localhost"), provider)

    assert (proxy.asked, world.tally) == ([], (1, 1))


async def test_the_keys_of_id_tokens_are_fetched_through_the_proxy(
    world: World, start: Start
) -> None:
    proxy = await start(Proxy())
    token = world.oauth.ledger.sign({"aud": "app"})
    keys = behind(world, proxy.url).google.endpoints.jwks_uri

    nobody = Expected((), "", "")
    await refusal(world.id_tokens.verify(token, keys, lambda _: nobody))

    assert proxy.asked == [served(world)]


@BOTH
@pytest.mark.parametrize(
    ("login", "words"),
    [("", "egress.proxyURL"), ("canary-proxy-user:canary-wrong", "egress.proxyURL")],
)
async def test_a_proxy_that_refuses_the_login_is_named_without_credentials(
    world: World,
    start: Start,
    provider: Provider,
    login: str,
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxy = await start(Proxy(login=PLAIN))
    caplog.set_level(logging.DEBUG)

    url = proxy.with_login(login) if login else proxy.url
    fault = await refusal(connect(behind(world, url), provider))

    message = message_of(case().mailbox, fault)
    assert fault.reason is Reason.NETWORK_UNAVAILABLE
    assert f"the proxy {proxy.url.removeprefix('http://')} answers HTTP 407" in message
    assert words in message.partition(f"{Move.PLATFORM}: ")[2]
    assert "canary" not in written(fault) + message + caplog.text + repr(world.proxies)
    assert world.tally == (0, 0)


@BOTH
@pytest.mark.parametrize("status", [403, 502, 503])
async def test_a_proxy_that_refuses_the_host_is_the_platforms(
    world: World, start: Start, provider: Provider, status: int
) -> None:
    proxy = await start(Proxy(refusal=status))

    fault = await refusal(connect(behind(world, proxy.url), provider))

    assert fault.reason is Reason.NETWORK_UNAVAILABLE
    assert fault.facts["code"].endswith(f"answers HTTP {status}")


@BOTH
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://proxy.nowhere.invalid:3128", "the name proxy.nowhere.invalid cannot be resolved"),
        ("http://u:canary@localhost:1", "the proxy localhost:1 refuses the connection"),
    ],
)
async def test_a_proxy_that_is_out_of_reach_is_the_platforms(
    world: World, provider: Provider, url: str, code: str
) -> None:
    fault = await refusal(connect(behind(world, url), provider))

    assert (fault.reason, fault.facts["code"]) == (Reason.NETWORK_UNAVAILABLE, code)
    assert fault.facts["host"] == "localhost"


async def test_a_proxy_that_does_not_answer_is_the_platforms(world: World) -> None:
    world.timeout_seconds = 0.3
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        fault = await refusal(connect(behind(world, f"http://localhost:{port}"), Provider.GOOGLE))

    code = f"no answer from the proxy localhost:{port} in time"
    assert (fault.reason, fault.facts["code"]) == (Reason.NETWORK_UNAVAILABLE, code)


@BOTH
async def test_a_proxy_that_inspects_tls_is_the_platforms(
    world: World, authority: Authority, start: Start, provider: Provider, tmp_path: Path
) -> None:
    company = Authority("Company inspection")
    proxy = Proxy(inspects=company.server_context(), trusts=authority.client_context())
    await start(proxy)

    fault = await refusal(connect(behind(world, proxy.url), provider))

    assert fault.reason is Reason.NETWORK_UNAVAILABLE
    assert "egress.caBundleFile" in message_of(case().mailbox, fault)


@BOTH
async def test_a_proxy_that_inspects_tls_is_trusted_by_the_bundle(
    world: World, authority: Authority, start: Start, provider: Provider, tmp_path: Path
) -> None:
    company = Authority("Company inspection")
    proxy = Proxy(inspects=company.server_context(), trusts=authority.client_context())
    await start(proxy)
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(authority.ca_pem + company.ca_pem)
    world.trust = world.id_tokens.trust = Trust(bundle)

    await connect(behind(world, proxy.url), provider)

    assert world.tally == (1, 1)
