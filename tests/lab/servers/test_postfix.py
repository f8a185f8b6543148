"""The real thing accepts what the operator will send, and refuses what it should."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import aiohttp
import aiosmtplib
import pytest
import pytest_asyncio

from lab.servers.authority import Authority
from lab.servers.oauth import Behaviour, OAuthServer
from lab.servers.postfix import RealMailServer

pytestmark = pytest.mark.asyncio(loop_scope="module")  # starting the pair takes seconds

JANE = "jane@acme.example"
JOE = "joe@acme.example"
USERS = {JANE: "secret", JOE: "other"}
OAUTH = Behaviour(clients={"app": "hush"}, refresh_tokens={"of jane": JANE})


class World(NamedTuple):
    authority: Authority
    oauth: OAuthServer
    mail: RealMailServer

    def submission(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname="localhost",
            port=self.mail.submission_port,
            start_tls=True,
            tls_context=self.authority.client_context(),
        )

    def smtps(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname="localhost",
            port=self.mail.smtps_port,
            use_tls=True,
            tls_context=self.authority.client_context(),
        )

    async def token(self) -> str:
        form = {
            "client_id": "app",
            "client_secret": "hush",
            "grant_type": "refresh_token",
            "refresh_token": "of jane",
        }
        connector = aiohttp.TCPConnector(ssl=self.authority.client_context())
        async with (
            aiohttp.ClientSession(connector=connector) as http,
            http.post(f"{self.oauth.url}/token", data=form) as answer,
        ):
            return str((await answer.json())["access_token"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    authority = Authority()
    with tempfile.TemporaryDirectory(prefix="mail-") as directory:
        async with (
            OAuthServer(authority.server_context(), OAUTH) as oauth,
            RealMailServer.start(
                Path(directory), authority, USERS, f"{oauth.url}/introspect"
            ) as mail,
        ):
            yield World(authority, oauth, mail)


async def test_postfix_accepts_a_password_over_starttls(world: World) -> None:
    async with world.submission() as smtp:
        login = await smtp.auth_plain(JANE, "secret")
        sender = await smtp.mail(JANE)

    assert (login.code, sender.code) == (235, 250)


async def test_postfix_accepts_a_password_over_tls(world: World) -> None:
    async with world.smtps() as smtp:
        login = await smtp.auth_plain(JANE, "secret")

    assert login.code == 235


async def test_postfix_refuses_a_wrong_password(world: World) -> None:
    async with world.smtps() as smtp:
        with pytest.raises(aiosmtplib.SMTPAuthenticationError) as caught:
            await smtp.auth_plain(JANE, "other")

    assert caught.value.code == 535


async def test_postfix_offers_no_login_in_plain_text(world: World) -> None:
    async with aiosmtplib.SMTP(port=world.mail.submission_port, start_tls=False) as smtp:
        await smtp.ehlo()

        assert not smtp.supports_extension("auth")


async def test_postfix_accepts_a_token(world: World) -> None:
    async with world.submission() as smtp:
        login = await smtp.auth_xoauth2(JANE, await world.token())
        sender = await smtp.mail(JANE)

    assert (login.code, sender.code) == (235, 250)


async def test_postfix_refuses_an_unknown_token(world: World) -> None:
    async with world.submission() as smtp:
        with pytest.raises(aiosmtplib.SMTPAuthenticationError) as caught:
            await smtp.auth_xoauth2(JANE, "made up")

    assert caught.value.code == 535


async def test_postfix_refuses_a_token_of_someone_else(world: World) -> None:
    async with world.submission() as smtp:
        with pytest.raises(aiosmtplib.SMTPAuthenticationError) as caught:
            await smtp.auth_xoauth2(JOE, await world.token())

    assert caught.value.code == 535


async def test_postfix_refuses_a_foreign_sender_at_the_recipient(world: World) -> None:
    async with world.smtps() as smtp:
        await smtp.auth_plain(JANE, "secret")
        await smtp.mail(JOE)
        with pytest.raises(aiosmtplib.SMTPRecipientRefused) as caught:
            await smtp.rcpt(JOE)

    assert caught.value.code == 553
