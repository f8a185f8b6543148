"""No credential gets out, whatever fails and whoever would like to hear it repeated."""

import base64
import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest
from aiohttp import web

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.endpoint import endpoint
from lab.servers.oauth import Failure
from lab.servers.service_account import key_file, private_key, public_keys
from lab.servers.smtp import Mischief, Stage, StartTls
from mailbox_operator.connect.smtp.credentials import Bearer, Credential, Password
from mailbox_operator.connect.smtp.faults import Exchange
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.words import Cloud, Grant, Provider
from mailbox_operator.report.log import JsonFormatter
from system.connect.cases import GOOD, JANE, UID, case, refusal_of
from system.connect.conftest import Serve
from system.connect.oauth import World, challenge

USERNAME = "canary-user"
SECRET_WORD = "canary pä-vogelpfad"
ACCESS = "ya29.canary-access-token-0123456789"
REFRESH = "1//canary-refresh-token"
CLIENT_SECRET = "canary-client-secret"
CANARIES = (USERNAME, SECRET_WORD, "vogelpfad", ACCESS, REFRESH, CLIENT_SECRET, "canary")
HERS = Password(USERNAME, SECRET_WORD)
TOKENS = Bearer(JANE, ACCESS)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def written(fault: Fault) -> str:
    """Write a fault down in every way that the operator has."""
    info = (type(fault), fault, fault.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", None, info)
    faults = [error for error in chain(fault) if isinstance(error, Fault)]
    shown = [f"{each} {each!r} {each.args} {each.detail} {dict(each.facts)}" for each in faults]
    return "\n".join([JsonFormatter().format(record), *shown])


def leaked(fault: Fault, *more: str) -> list[str]:
    text = written(fault)
    encoded = [base64.b64encode(word.encode()).decode() for word in CANARIES]
    return [word for word in (*CANARIES, *encoded, *more) if word in text]


def lines(credential: Credential) -> list[str]:
    bare = {HERS.username, HERS.password, TOKENS.token, ""}
    return [line for line in credential.secrets if line not in bare]


def echoes(credential: Credential) -> list[str]:
    whole = [*credential.secrets, *lines(credential)]
    parts = [line[:28] for line in lines(credential) if len(line) > 28]
    return [echo for echo in (*whole, *parts) if echo]


@pytest.mark.parametrize("code", [b"421", b"501", b"535"])
@pytest.mark.parametrize("credential", [HERS, TOKENS], ids=["password", "token"])
async def test_a_server_that_echoes_is_not_repeated(
    serve: Serve, authority: Authority, credential: Credential, code: bytes
) -> None:
    server = await serve()
    for echo in echoes(credential):
        reply = code + f" 5.7.8 AUTH <{echo}> refused".encode()
        server.behaviour = replace(GOOD, replies={Stage.AUTH: reply})

        fault = await refusal_of(server, authority, credential)

        assert leaked(fault, echo) == []
        assert "***" in fault.detail


async def test_a_server_that_echoes_badly_is_not_repeated(
    serve: Serve, authority: Authority
) -> None:
    reply = b"535-" + SECRET_WORD.encode("latin-1") + b"\r\n535 " + SECRET_WORD.encode()
    server = await serve(replace(GOOD, replies={Stage.AUTH: reply}))

    assert leaked(await refusal_of(server, authority, HERS)) == []


async def test_a_challenge_that_echoes_is_not_repeated(serve: Serve, authority: Authority) -> None:
    server = await serve(replace(GOOD, replies={Stage.AUTH: challenge(ACCESS)}))

    assert leaked(await refusal_of(server, authority, TOKENS)) == []


@pytest.mark.parametrize("credential", [HERS, TOKENS], ids=["password", "token"])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"mechanisms": ("LOGIN",)},
        {"starttls": StartTls.STRIPPED},
        *({"mischief": {stage: Mischief.DROP}} for stage in (Stage.BANNER, Stage.AUTH)),
        {"replies": {Stage.AUTH: b"garbage"}},
    ],
)
async def test_no_failing_login_leaks(
    serve: Serve, authority: Authority, credential: Credential, change: dict[str, object]
) -> None:
    server = await serve(replace(GOOD, **change))  # type: ignore[arg-type]  # columns of a table

    assert leaked(await refusal_of(server, authority, credential)) == []


@pytest.fixture
def canary(world: World) -> World:
    world.holds(client_secret=CLIENT_SECRET, refresh_token=REFRESH)
    return world


@pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OUTLOOK])
@pytest.mark.parametrize(
    "failure",
    [
        Failure(400, {"error": "invalid_grant", "error_description": f"{REFRESH} was revoked"}),
        Failure(401, {"error": CLIENT_SECRET + " ", "error_description": f"not {CLIENT_SECRET}"}),
        Failure(400, {"error": "x", "suberror": REFRESH, "error_subtype": CLIENT_SECRET}),
        Failure(200, {"error": "x", "error_description": f"{REFRESH} {CLIENT_SECRET}"}),
        Failure(200, {"access_token": ACCESS, "expires_in": "soon"}),
        Failure(200, {"access_token": ACCESS, "id_token": f"x.{REFRESH}.z"}),
        Failure(500, {"error": REFRESH}),
    ],
)
async def test_no_failing_refresh_leaks(
    canary: World, provider: Provider, failure: Failure
) -> None:
    canary.knows(fail=failure)
    adapter = canary.google if provider is Provider.GOOGLE else canary.outlook

    assert leaked(await refusal(adapter.connect(case(provider)))) == []


@pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OUTLOOK])
async def test_no_library_logs_what_a_token_endpoint_echoes(
    canary: World, authority: Authority, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    async def echo(request: web.Request) -> web.Response:
        here = f"https://{request.host}/contoso.example"
        if request.method == "GET":
            return web.json_response({"authorization_endpoint": here, "token_endpoint": here})
        return web.Response(text=f"<html>{await request.text()}</html>")

    async with endpoint(authority.server_context(), echo) as url:
        canary.token_url = canary.authority_url = url
        adapter = canary.google if provider is Provider.GOOGLE else canary.outlook
        with caplog.at_level(logging.WARNING):
            fault = await refusal(adapter.connect(case(provider)))

    assert (leaked(fault), "canary" in caplog.text) == ([], False)


async def test_a_token_endpoint_that_is_not_there_hears_nothing(canary: World) -> None:
    canary.token_url = canary.authority_url = "https://localhost:1"

    for adapter, provider in ((canary.google, Provider.GOOGLE), (canary.outlook, Provider.OUTLOOK)):
        assert leaked(await refusal(adapter.connect(case(provider)))) == []


@pytest.mark.parametrize("broken", [False, True])
async def test_no_private_key_leaks(world: World, broken: bool) -> None:  # noqa: FBT001
    inside = private_key().splitlines()[3]
    content = key_file()[:-1] if broken else key_file()
    world.secrets.content["team", "own"] = {"service-account.json": content}
    world.knows(service_accounts=public_keys(), delegated=False)

    fault = await refusal(world.google.connect(case(Provider.GOOGLE, grant=Grant.JWT_BEARER)))

    assert leaked(fault, inside) == []
    assert inside not in "".join(traceback.format_exception(fault))


async def test_nothing_that_is_kept_shows_what_it_holds(world: World) -> None:
    await world.outlook.connect(case(Provider.OUTLOOK))
    kept = world.bearers._kept.recall(UID, 0)  # noqa: SLF001 - no other way to see it
    assert kept is not None
    exchange = Exchange(world.outlook.clouds[Cloud.GLOBAL].smtp.endpoint, HERS.login, HERS.secrets)

    shown = repr((world.bearers, kept, exchange, HERS, TOKENS, world.grants.content))

    assert [word for word in (*CANARIES, kept.token.token, "EwB", "0.A") if word in shown] == []
