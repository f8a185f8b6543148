"""The SMTP server breaks in every way it is told, and heals."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace

import aiosmtplib
import pytest

from lab.servers.authority import Authority, self_signed, server_context
from lab.servers.clients import GOOD, JANE, login_code, smtp_client
from lab.servers.smtp import Mischief, Security, SmtpServer, Stage, StartTls


@pytest.mark.parametrize("starttls", [StartTls.STRIPPED, StartTls.REFUSED])
async def test_the_server_offers_no_tls(authority: Authority, starttls: StartTls) -> None:
    behaviour = replace(GOOD, starttls=starttls)
    async with SmtpServer(authority.server_context(), behaviour) as server:
        with pytest.raises(aiosmtplib.SMTPException):
            await smtp_client(server, authority).connect()

    assert server.attempts[0].mechanism is None


async def test_the_server_speaks_plain_text_on_a_tls_port(authority: Authority) -> None:
    async with SmtpServer(authority.server_context(), GOOD) as server:
        with pytest.raises(aiosmtplib.SMTPConnectError) as caught:
            await smtp_client(server, authority).connect(use_tls=True, start_tls=False)

    assert "WRONG_VERSION_NUMBER" in str(caught.value.__cause__)


@pytest.mark.parametrize("stage", [Stage.BANNER, Stage.EHLO])
@pytest.mark.parametrize("mischief", Mischief)
async def test_the_server_wears_a_client_out(
    authority: Authority, stage: Stage, mischief: Mischief
) -> None:
    behaviour = replace(GOOD, mischief={stage: mischief})
    async with SmtpServer(authority.server_context(), behaviour) as server:
        with pytest.raises((aiosmtplib.SMTPException, TimeoutError)):
            await asyncio.wait_for(smtp_client(server, authority).connect(), 0.5)

    assert server.attempts[0].stage is stage


@pytest.mark.parametrize("security", Security)
async def test_the_server_drops_the_connection_after_the_password(
    authority: Authority, security: Security
) -> None:
    behaviour = replace(GOOD, security=security, mischief={Stage.AUTH: Mischief.DROP})
    async with SmtpServer(authority.server_context(), behaviour) as server:
        smtp = smtp_client(server, authority)
        await smtp.connect()
        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            await smtp.auth_plain(JANE, "secret")


async def test_the_server_plays_replies_one_after_the_other(authority: Authority) -> None:
    replies = [b"454 4.7.0 Too many login attempts", None, b"421 4.3.0 Busy"]
    behaviour = replace(GOOD, replies={Stage.AUTH: replies})
    async with SmtpServer(authority.server_context(), behaviour) as server:
        codes = [await login_code(server, authority) for _ in range(4)]

    assert codes == [454, 235, 421, 235]


async def test_the_server_heals_while_running(authority: Authority) -> None:
    behaviour = replace(GOOD, replies={Stage.BANNER: b"421 4.4.5 Server busy"})
    async with SmtpServer(authority.server_context(), behaviour) as server:
        with pytest.raises(aiosmtplib.SMTPConnectResponseError):
            await smtp_client(server, authority).connect()
        server.behaviour = GOOD
        healed = await login_code(server, authority)

    assert healed == 235


async def test_the_server_goes_down_and_comes_back_on_its_port(authority: Authority) -> None:
    async with SmtpServer(authority.server_context(), GOOD) as server:
        port = server.port
        await server.stop()
        with pytest.raises(aiosmtplib.SMTPConnectError):
            await smtp_client(server, authority).connect()
        await server.start()

        assert await login_code(server, authority) == 235
        assert server.port == port


async def test_the_server_answers_late(authority: Authority) -> None:
    behaviour = replace(GOOD, latency_seconds=0.05)
    async with SmtpServer(authority.server_context(), behaviour) as server:
        started = asyncio.get_running_loop().time()
        await login_code(server, authority)

    assert asyncio.get_running_loop().time() - started >= 0.2  # four replies


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(lambda ca: ca.server_context(expired=True), id="expired"),
        pytest.param(
            lambda ca: server_context(ca.certificate(not_yet_valid=True)), id="not yet valid"
        ),
        pytest.param(lambda ca: ca.server_context("other.test"), id="another name"),
        pytest.param(lambda _: server_context(self_signed()), id="self-signed"),
    ],
)
async def test_the_server_shows_a_bad_certificate(
    authority: Authority, context: Callable[[Authority], ssl.SSLContext]
) -> None:
    async with SmtpServer(context(authority), GOOD) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            await smtp_client(server, authority).connect()


async def test_the_server_speaks_old_tls_only(authority: Authority) -> None:
    old = ssl.TLSVersion.TLSv1_1
    async with SmtpServer(authority.server_context(minimum=old, maximum=old), GOOD) as server:
        with pytest.raises((ssl.SSLError, aiosmtplib.SMTPServerDisconnected)):
            await smtp_client(server, authority).connect()
