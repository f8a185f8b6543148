"""The SMTP server does what it is told, told by a client that is not ours."""

import asyncio
import base64
import json
import ssl
from dataclasses import replace

import aiosmtplib
import pytest

from servers.authority import Authority, self_signed, server_context
from servers.smtp import (
    Behaviour,
    Mischief,
    OAuthStyle,
    Security,
    SmtpServer,
    Stage,
    StartTls,
)

JANE = "jane@acme.example"
GOOD = Behaviour(accounts={JANE: "secret"}, tokens={JANE: "token"}, senders=(JANE,))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def client(server: SmtpServer, authority: Authority) -> aiosmtplib.SMTP:
    implicit = server.behaviour.security is Security.TLS
    return aiosmtplib.SMTP(
        hostname="localhost",
        port=server.port,
        use_tls=implicit,
        start_tls=not implicit,
        tls_context=authority.client_context(),
        timeout=2,
    )


def bearer(user: str, token: str) -> bytes:
    return base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode())


@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
async def test_logs_in(authority: Authority, security: Security, mechanism: str) -> None:
    behaviour = replace(GOOD, security=security)
    async with (
        SmtpServer(authority.server_context(), behaviour) as server,
        client(server, authority) as smtp,
    ):
        await getattr(smtp, mechanism)(JANE, "secret")
        reply = await smtp.mail(JANE)
        await smtp.rset()

    assert reply.code == 250
    assert [attempt.stage for attempt in server.attempts] == [Stage.QUIT]
    assert (server.connections, server.auths, server.open_now) == (1, 1, 0)
    assert server.attempts[0].username == server.attempts[0].sender == JANE


async def test_refuses_a_wrong_password(authority: Authority) -> None:
    async with (
        SmtpServer(authority.server_context(), GOOD) as server,
        client(server, authority) as smtp,
    ):
        with pytest.raises(aiosmtplib.SMTPAuthenticationError) as caught:
            await smtp.auth_plain(JANE, "wrong")

    assert caught.value.code == 535
    assert not server.attempts[0].accepted


async def test_refuses_a_foreign_sender(authority: Authority) -> None:
    async with (
        SmtpServer(authority.server_context(), GOOD) as server,
        client(server, authority) as smtp,
    ):
        await smtp.auth_plain(JANE, "secret")
        with pytest.raises(aiosmtplib.SMTPSenderRefused) as caught:
            await smtp.mail("joe@acme.example")

    assert caught.value.code == 553


async def test_refuses_credentials_in_plain_text(authority: Authority) -> None:
    async with (
        SmtpServer(authority.server_context(), GOOD) as server,
        aiosmtplib.SMTP(port=server.port, start_tls=False) as smtp,
    ):
        reply = await smtp.execute_command(b"AUTH", b"PLAIN", b"AGEAYg==")

    assert reply.code == 530
    assert server.attempts[0].mechanism == "PLAIN"


async def test_accepts_a_token(authority: Authority) -> None:
    async with (
        SmtpServer(authority.server_context(), GOOD) as server,
        client(server, authority) as smtp,
    ):
        reply = await smtp.auth_xoauth2(JANE, "token")

    assert reply.code == 235


async def test_asks_who_issued_the_token(authority: Authority) -> None:
    asked: list[tuple[str, str]] = []

    def token_valid(user: str, token: str) -> bool:
        asked.append((user, token))
        return True

    async with (
        SmtpServer(authority.server_context(), GOOD, token_valid) as server,
        client(server, authority) as smtp,
    ):
        await smtp.auth_xoauth2(JANE, "issued")

    assert asked == [(JANE, "issued")]


@pytest.mark.parametrize(("token", "status"), [("unknown", "401"), ("of joe", "400")])
async def test_refuses_a_token_as_google_does(
    authority: Authority, token: str, status: str
) -> None:
    behaviour = replace(GOOD, tokens={JANE: "token", "joe@acme.example": "of joe"})
    async with (
        SmtpServer(authority.server_context(), behaviour) as server,
        client(server, authority) as smtp,
    ):
        challenge = await smtp.execute_command(b"AUTH", b"XOAUTH2", bearer(JANE, token))
        refusal = await smtp.execute_command(b"")

    assert (challenge.code, refusal.code) == (334, 535)
    assert json.loads(base64.b64decode(challenge.message))["status"] == status


async def test_refuses_a_token_as_microsoft_does(authority: Authority) -> None:
    behaviour = replace(GOOD, oauth_style=OAuthStyle.MICROSOFT)
    async with (
        SmtpServer(authority.server_context(), behaviour) as server,
        client(server, authority) as smtp,
    ):
        refusal = await smtp.execute_command(b"AUTH", b"XOAUTH2", bearer(JANE, "bad"))

    assert refusal == (535, "5.7.3 Authentication unsuccessful")


@pytest.mark.parametrize("starttls", [StartTls.STRIPPED, StartTls.REFUSED])
async def test_keeps_tls_from_a_client(authority: Authority, starttls: StartTls) -> None:
    behaviour = replace(GOOD, starttls=starttls)
    async with SmtpServer(authority.server_context(), behaviour) as server:
        with pytest.raises(aiosmtplib.SMTPException):
            await client(server, authority).connect()

    assert server.attempts[0].mechanism is None


async def test_speaks_plain_text_on_a_tls_port(authority: Authority) -> None:
    async with SmtpServer(authority.server_context(), GOOD) as server:
        with pytest.raises(aiosmtplib.SMTPConnectError) as caught:
            await client(server, authority).connect(use_tls=True, start_tls=False)

    assert "WRONG_VERSION_NUMBER" in str(caught.value.__cause__)


@pytest.mark.parametrize("stage", [Stage.BANNER, Stage.EHLO])
@pytest.mark.parametrize("mischief", Mischief)
async def test_wears_a_client_out(authority: Authority, stage: Stage, mischief: Mischief) -> None:
    behaviour = replace(GOOD, mischief={stage: mischief})
    async with SmtpServer(authority.server_context(), behaviour) as server:
        with pytest.raises((aiosmtplib.SMTPException, TimeoutError)):
            await asyncio.wait_for(client(server, authority).connect(), 0.5)

    assert server.attempts[0].stage is stage


@pytest.mark.parametrize("security", Security)
async def test_drops_the_connection_after_the_password(
    authority: Authority, security: Security
) -> None:
    behaviour = replace(GOOD, security=security, mischief={Stage.AUTH: Mischief.DROP})
    async with SmtpServer(authority.server_context(), behaviour) as server:
        smtp = client(server, authority)
        await smtp.connect()
        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            await smtp.auth_plain(JANE, "secret")


async def test_plays_replies_one_after_the_other(authority: Authority) -> None:
    replies = [b"454 4.7.0 Too many login attempts", None, b"421 4.3.0 Busy"]
    behaviour = replace(GOOD, replies={Stage.AUTH: replies})
    async with SmtpServer(authority.server_context(), behaviour) as server:
        codes = [await login_code(server, authority) for _ in range(4)]

    assert codes == [454, 235, 421, 235]


async def login_code(server: SmtpServer, authority: Authority) -> int:
    smtp = client(server, authority)
    await smtp.connect()
    reply = await smtp.execute_command(b"AUTH", b"PLAIN", b"AGphbmVAYWNtZS5leGFtcGxlAHNlY3JldA==")
    smtp.close()
    return reply.code


async def test_heals_while_running(authority: Authority) -> None:
    behaviour = replace(GOOD, replies={Stage.BANNER: b"421 4.4.5 Server busy"})
    async with SmtpServer(authority.server_context(), behaviour) as server:
        with pytest.raises(aiosmtplib.SMTPConnectResponseError):
            await client(server, authority).connect()
        server.behaviour = GOOD
        healed = await login_code(server, authority)

    assert healed == 235


async def test_goes_down_and_comes_back_on_its_port(authority: Authority) -> None:
    async with SmtpServer(authority.server_context(), GOOD) as server:
        port = server.port
        await server.stop()
        with pytest.raises(aiosmtplib.SMTPConnectError):
            await client(server, authority).connect()
        await server.start()

        assert await login_code(server, authority) == 235
        assert server.port == port


async def test_answers_late(authority: Authority) -> None:
    behaviour = replace(GOOD, latency_seconds=0.05)
    async with SmtpServer(authority.server_context(), behaviour) as server:
        started = asyncio.get_running_loop().time()
        await login_code(server, authority)

    assert asyncio.get_running_loop().time() - started >= 0.2  # four replies


async def test_counts_what_is_open_at_once(authority: Authority) -> None:
    async with SmtpServer(authority.server_context(), GOOD) as server:
        for _ in range(2):
            async with client(server, authority) as smtp:
                await smtp.auth_plain(JANE, "secret")
        one_by_one = server.most_open_of_one_user
        async with client(server, authority) as first, client(server, authority) as second:
            await first.auth_plain(JANE, "secret")
            await second.auth_plain(JANE, "secret")

    assert (one_by_one, server.most_open_of_one_user, server.most_open) == (1, 2, 2)


async def test_serves_hundreds_at_once(authority: Authority) -> None:
    async with SmtpServer(authority.server_context(), GOOD) as server:
        codes = await asyncio.gather(*(login_code(server, authority) for _ in range(200)))

    assert set(codes) == {235}


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(lambda ca: ca.server_context(expired=True), id="expired"),
        pytest.param(lambda ca: ca.server_context("other.test"), id="another name"),
        pytest.param(lambda _: server_context(self_signed()), id="self-signed"),
    ],
)
async def test_shows_a_bad_certificate(authority: Authority, context: object) -> None:
    assert callable(context)
    async with SmtpServer(context(authority), GOOD) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            await client(server, authority).connect()


async def test_speaks_old_tls_only(authority: Authority) -> None:
    old = ssl.TLSVersion.TLSv1_1
    async with SmtpServer(authority.server_context(minimum=old, maximum=old), GOOD) as server:
        with pytest.raises((ssl.SSLError, aiosmtplib.SMTPServerDisconnected)):
            await client(server, authority).connect()
