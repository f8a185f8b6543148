"""Google, Microsoft and some mail servers in small, which believe what the examples say."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from lab.controlplane.ports import is_free
from lab.servers.authority import Authority
from lab.servers.oauth import Behaviour as Granting, OAuthServer
from lab.servers.smtp import Behaviour, OAuthStyle, Security, SmtpServer
from tools.demo.examples import FOLDER, Example, documents
from tools.demo.samples import Doors

PAIRS: Final = ((2587, 2465), (2465, 2587), (587, 465), (465, 587))
"""A port where nobody is to be, and the other customary one of the same server."""

IMPLICIT: Final = frozenset({465, 2465})
APP: Final = "google-private-service-account"


class NoPortError(Exception):
    """The ports that the demo cannot choose are taken."""


@dataclass(frozen=True, slots=True)
class MailWorld:
    """Everything outside the cluster.

    Attributes:
        service_account: The key file of a service account that exists.
        oauth: Google's and Microsoft's token endpoints.
        strict: Microsoft's in another cloud, which grants less than it is asked for.
        others: Mail servers: submission, TLS, and the one at the other port.
    """

    authority: Authority
    service_account: str
    doors: Doors
    oauth: OAuthServer
    strict: OAuthServer
    google: SmtpServer
    outlook: SmtpServer
    others: tuple[SmtpServer, ...]

    @classmethod
    async def start(cls, stack: AsyncExitStack) -> Self:
        """Start the servers; the stack stops them."""
        authority, (key, public) = Authority(), key_file()
        tls, granting = authority.server_context(), consents(public)
        oauth = await stack.enter_async_context(OAuthServer(tls, granting, plain=True))
        withheld = Granting(granting.clients, refresh_tokens=granting.refresh_tokens,
                            granted_scopes="https://outlook.office365.us/User.Read")  # fmt: skip
        strict = await stack.enter_async_context(OAuthServer(tls, withheld))
        closed, opened = next_pair()
        listening = (
            SmtpServer(tls, Behaviour(), oauth.token_valid),
            SmtpServer(tls, Behaviour(oauth_style=OAuthStyle.MICROSOFT), oauth.token_valid),
            SmtpServer(tls, Behaviour(accounts=accounts())),
            SmtpServer(tls, Behaviour(Security.TLS, accounts=accounts())),
            SmtpServer(tls, Behaviour(security_of(opened)), port=opened),
        )
        google, outlook, *others = [await stack.enter_async_context(each) for each in listening]
        doors = Doors(others[0].port, others[1].port, closed)
        return cls(authority, key, doors, oauth, strict, google, outlook, tuple(others))

    def configuration(self, bundle: Path) -> Mapping[str, Any]:
        """Write the part of the operator's configuration that leads it here."""
        ports = [server.port for server in self.others] + [self.doors.closed]
        return {
            "egress": {
                "allowedNetworks": ["127.0.0.0/8", "::1/128"],
                "allowedPorts": ports,
                "caBundleFile": str(bundle),
            },
            "google": {
                "authorizationEndpoint": f"{self.oauth.page_url}/o/oauth2/v2/auth",
                "tokenEndpoint": f"{self.oauth.url}/token",
                "revocationEndpoint": f"{self.oauth.url}/revoke",
                "jwksURI": f"{self.oauth.url}/jwks",
                "smtp": place(self.google),
            },
            "outlook": {
                "clouds": {
                    "Global": self._cloud(self.oauth, "https://outlook.office.com"),
                    "USGovernment": self._cloud(self.strict, "https://outlook.office365.us"),
                }
            },
        }

    def _cloud(self, signs_in: OAuthServer, resource: str) -> Mapping[str, Any]:
        app = resource.replace("office.com", "office365.com")
        smtp = place(self.outlook)
        page = {"authority": signs_in.url, "signInPage": signs_in.page_url}
        return {**page, "resource": resource, "appResource": app, "smtp": smtp}


@contextmanager
def running() -> Iterator[MailWorld]:
    """Run the servers beside the main thread, for as long as the block."""
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    thread = Thread(target=loop.run_forever, name="mail world", daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(MailWorld.start(stack), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def consents(public: str) -> Granting:
    """Know the clients, tokens and service accounts of the examples, and the platform's apps."""
    private = [Example.read(name) for name in ("google-private", "outlook-private")]
    secrets = [each.values for each in (*private, Example.read("outlook-private-app-only"))]
    provided = documents(FOLDER / "managed-infrastructure.yaml")
    secrets += [each["stringData"] for each in provided if each["kind"] == "Secret"]
    return Granting(
        clients={x["client-id"]: x["client-secret"] for x in secrets if "client-id" in x},
        refresh_tokens={x.values["refresh-token"]: x.address for x in private},
        service_accounts={account()["client_email"]: public},
        screens=True,
    )


def accounts() -> dict[str, str]:
    """Know the user names and passwords of the examples, and the relay's."""
    told = [
        Example.read(each).values for each in ("smtp-private", "smtp-private-ca", "smtp-managed")
    ]
    provided = documents(FOLDER / "managed-infrastructure.yaml")
    told += [each["stringData"] for each in provided if each["metadata"]["name"] == "relay"]
    return {each["username"]: each["password"] for each in told}


def account() -> dict[str, str]:
    """Read the key file of the example, which has no key in it."""
    found: dict[str, str] = json.loads(Example.read(APP).values["service-account.json"])
    return found


def key_file() -> tuple[str, str]:
    """Complete the key file of the example; the public key in PEM comes with it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return json.dumps(account() | {"private_key": private.decode()}), public.decode()


def next_pair() -> tuple[int, int]:
    """Choose two customary ports that nobody uses.

    Raises:
        NoPortError: There are none.
    """
    free = (pair for pair in PAIRS if all(is_free(port) for port in pair))
    found = next(free, None)
    if found is None:
        raise NoPortError("The demo needs the local ports 2465 and 2587; another program has one.")
    return found


def security_of(port: int) -> Security:
    """Tell how a customary port is secured."""
    return Security.TLS if port in IMPLICIT else Security.STARTTLS


def place(server: SmtpServer) -> Mapping[str, Any]:
    """Say where a server is."""
    return {"host": "localhost", "port": server.port}
