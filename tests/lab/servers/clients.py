"""Clients for the tests of the servers; none of them is ours."""

import base64
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import aiohttp
import aiosmtplib

from lab.servers.authority import Authority
from lab.servers.oauth import OAuthServer
from lab.servers.smtp import Behaviour, Security, SmtpServer

JANE: Final = "jane@acme.example"
JOE: Final = "joe@acme.example"
GOOD: Final = Behaviour(accounts={JANE: "secret"}, tokens={JANE: "token"}, senders=(JANE,))
REFRESH_TOKENS: Final = {"old": JANE}
CLIENT: Final = {"client_id": "app", "client_secret": "hush"}
REFRESH: Final = CLIENT | {"grant_type": "refresh_token", "refresh_token": "old"}


def smtp_client(server: SmtpServer, authority: Authority) -> aiosmtplib.SMTP:
    """Make a client that takes TLS seriously, not yet connected."""
    implicit = server.behaviour.security is Security.TLS
    return aiosmtplib.SMTP(
        hostname="localhost",
        port=server.port,
        use_tls=implicit,
        start_tls=not implicit,
        tls_context=authority.client_context(),
        timeout=2,
    )


async def login_code(server: SmtpServer, authority: Authority) -> int:
    """Log in with Jane's password on a connection of its own; tell the code of the reply."""
    smtp = smtp_client(server, authority)
    await smtp.connect()
    password = base64.b64encode(f"\0{JANE}\0secret".encode())
    reply = await smtp.execute_command(b"AUTH", b"PLAIN", password)
    smtp.close()
    return reply.code


def bearer(user: str, token: str) -> bytes:
    """Encode an XOAUTH2 response."""
    return base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode())


class OAuthWorld(NamedTuple):
    """An authorization server and somebody to ask it."""

    server: OAuthServer
    http: aiohttp.ClientSession

    async def post(self, path: str, form: Mapping[str, str]) -> tuple[int, Any]:
        """Send a form; tell the status and what the JSON says."""
        async with self.http.post(self.server.url + path, data=form) as answer:
            return answer.status, await answer.json()
