"""npm's oidc-provider, which is certified by the OpenID Foundation, in the place of Google."""

import asyncio
import json
import os
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode
from urllib.request import urlopen

from lab.controlplane import tether
from lab.controlplane.ports import free_ports
from lab.npm import installed, program
from lab.servers.authority import Authority

SOURCES: Final = Path(__file__).with_name("oidc_provider")
PROGRAM: Final = SOURCES / "server.mjs"
START_SECONDS: Final = 30
CLIENT: Final = "app"
SECRET: Final = "hush"
MAIL: Final = "https://mail.google.com/"
LIFETIME_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Certified:
    """A running one.

    Attributes:
        issuer: Its name and its address.
    """

    issuer: str
    trust: ssl.SSLContext

    @classmethod
    @asynccontextmanager
    async def running(
        cls, authority: Authority, *redirect_uris: str, lifetime_seconds: int = LIFETIME_SECONDS
    ) -> AsyncIterator[Self]:
        """Run it as long as the block lasts.

        Args:
            authority: Signs its certificate.
            redirect_uris: Where people come back to after a consent.
            lifetime_seconds: Of an access token.
        """
        place = await asyncio.to_thread(installed, "oidc-provider", SOURCES, [PROGRAM])
        pair, port = authority.certificate("localhost"), free_ports(1)[0]
        configuration = {
            "host": "localhost",
            "port": port,
            "certificate": pair.cert.decode(),
            "key": pair.key.decode(),
            "client": CLIENT,
            "secret": SECRET,
            "redirectUris": redirect_uris,
            "lifetimeSeconds": lifetime_seconds,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", tether.__file__, str(os.getpid())),
            *(program("node"), str(place / PROGRAM.name), json.dumps(configuration)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                while not (line := await process.stdout.readline()).startswith(b'{"issuer"'):
                    assert line, "oidc-provider did not start"
            yield cls(json.loads(line)["issuer"], authority.client_context())
        finally:
            process.kill()
            await process.wait()

    def token_valid(self, user: str, token: str) -> bool:
        """Tell a mail server whether this token opens this mailbox (RFC 7662)."""
        asked = {"token": token, "client_id": CLIENT, "client_secret": SECRET}
        url, body = f"{self.issuer}/token/introspection", urlencode(asked).encode()
        with urlopen(url, body, context=self.trust) as answer:  # noqa: S310 - it is https
            told = json.load(answer)
        scopes = told.get("scope", "").split()
        return bool(told["active"]) and MAIL in scopes and told["sub"] == user

    def revoke(self, token: str) -> None:
        """End the grant that a refresh token belongs to, as its owner can (RFC 7009)."""
        asked = {"token": token, "client_id": CLIENT, "client_secret": SECRET}
        url, body = f"{self.issuer}/token/revocation", urlencode(asked).encode()
        urlopen(url, body, context=self.trust).close()  # noqa: S310 - it is https

    @property
    def settings(self) -> Mapping[str, str]:
        """What the operator has to know of it."""
        return {
            "issuer": self.issuer,
            "authorizationEndpoint": f"{self.issuer}/auth",
            "tokenEndpoint": f"{self.issuer}/token",
            "revocationEndpoint": f"{self.issuer}/token/revocation",
            "jwksURI": f"{self.issuer}/jwks",
        }
