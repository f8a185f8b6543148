"""The SMTP server does what it is told, told by a client that is not ours."""

import asyncio
import base64
import json
from dataclasses import replace

import aiosmtplib
import pytest

from lab.servers.authority import Authority
from lab.servers.clients import GOOD, JANE, JOE, bearer, login_code, smtp_client
from lab.servers.smtp import OAuthStyle, Security, SmtpServer, Stage


@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
async def test_the_server_lets_a_client_log_in(
    authority: Authority, security: Security, mechanism: str
) -> None:
    behaviour = replace(GOOD, security=security)
    async with (
        SmtpServer(authority.server_context(), behaviour) as server,
        smtp_client(server, authority) as smtp,
    ):
        await getattr(smtp, mechanism)(JANE, "secret")
        reply = await smtp.mail(JANE)
        await smtp.rset()

    assert reply.code == 250
    assert [attempt.stage for attempt in server.attempts] == [Stage.QUIT]
    assert (server.connections, server.auths, server.open_now) == (1, 1, 0)
    assert server.attempts[0].username == server.attempts[0].sender == JANE


async def test_the_server_refuses_a_wrong_password(authority: Authority) -> None:
    async with (
        SmtpServer(authority.server_context(), GOOD) as server,
        smtp_client(server, authority) as smtp,
    ):
        with pytest.raises(aiosmtplib.SMTPAuthenticationError) as caught:
            await smtp.auth_plain(JANE, "wrong")

    assert caught.value.code == 535
    assert not server.attempts[0].accepted


async def test_the_server_refuses_a_foreign_sender(authority: Authority) -> None:
    async with (
        SmtpServer(authority.server_context(), GOOD) as server,
        smtp_client(server, authority) as smtp,
    ):
        await smtp.auth_plain(JANE, "secret")
        with pytest.raises(aiosmtplib.SMTPSenderRefused) as caught:
            await smtp.mail(JOE)

    assert caught.value.code == 553


async def test_the_server_refuses_credentials_in_plain_text(authority: Authority) -> None:
    async with (
        SmtpServer(authority.server_context(), GOOD) as server,
        aiosmtplib.SMTP(port=server.port, start_tls=False) as smtp,
    ):
        reply = await smtp.execute_command(b"AUTH", b"PLAIN", b"AGEAYg==")

    assert reply.code == 530
    assert server.attempts[0].mechanism == "PLAIN"


async def test_the_server_accepts_a_token(authority: Authority) -> None:
    async with (
        SmtpServer(authority.server_context(), GOOD) as server,
        smtp_client(server, authority) as smtp,
    ):
        reply = await smtp.auth_xoauth2(JANE, "token")

    assert reply.code == 235


async def test_the_server_asks_who_issued_the_token(authority: Authority) -> None:
    asked: list[tuple[str, str]] = []

    def token_valid(user: str, token: str) -> bool:
        asked.append((user, token))
        return True

    async with (
        SmtpServer(authority.server_context(), GOOD, token_valid) as server,
        smtp_client(server, authority) as smtp,
    ):
        await smtp.auth_xoauth2(JANE, "issued")

    assert asked == [(JANE, "issued")]


@pytest.mark.parametrize(("token", "status"), [("unknown", "401"), ("of joe", "400")])
async def test_the_server_refuses_a_token_as_google_does(
    authority: Authority, token: str, status: str
) -> None:
    behaviour = replace(GOOD, tokens={JANE: "token", JOE: "of joe"})
    async with (
        SmtpServer(authority.server_context(), behaviour) as server,
        smtp_client(server, authority) as smtp,
    ):
        challenge = await smtp.execute_command(b"AUTH", b"XOAUTH2", bearer(JANE, token))
        refusal = await smtp.execute_command(b"")

    assert (challenge.code, refusal.code) == (334, 535)
    assert json.loads(base64.b64decode(challenge.message))["status"] == status


async def test_the_server_refuses_a_token_as_microsoft_does(authority: Authority) -> None:
    behaviour = replace(GOOD, oauth_style=OAuthStyle.MICROSOFT)
    async with (
        SmtpServer(authority.server_context(), behaviour) as server,
        smtp_client(server, authority) as smtp,
    ):
        refusal = await smtp.execute_command(b"AUTH", b"XOAUTH2", bearer(JANE, "bad"))

    assert refusal == (535, "5.7.3 Authentication unsuccessful")


async def test_the_server_counts_the_sessions_open_at_once(authority: Authority) -> None:
    async with SmtpServer(authority.server_context(), GOOD) as server:
        for _ in range(2):
            async with smtp_client(server, authority) as smtp:
                await smtp.auth_plain(JANE, "secret")
        one_by_one = server.most_open_of_one_user
        async with (
            smtp_client(server, authority) as first,
            smtp_client(server, authority) as second,
        ):
            await first.auth_plain(JANE, "secret")
            await second.auth_plain(JANE, "secret")

    assert (one_by_one, server.most_open_of_one_user, server.most_open) == (1, 2, 2)


async def test_the_server_serves_hundreds_at_once(authority: Authority) -> None:
    async with SmtpServer(authority.server_context(), GOOD) as server:
        codes = await asyncio.gather(*(login_code(server, authority) for _ in range(200)))

    assert set(codes) == {235}
