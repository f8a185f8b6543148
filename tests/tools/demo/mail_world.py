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
from lab.servers.smtp import Behaviour, Security, SmtpServer
from lab.stand.world import World
from tools.demo.examples import FOLDER, Example, documents
from tools.demo.samples import Doors

PAIRS: Final = ((2587, 2465), (2465, 2587), (587, 465), (465, 587))
"""A port where nobody is to be, and the other customary one of the same server."""

IMPLICIT: Final = frozenset({465, 2465})
APP: Final = "google-private-service-account"
GOVERNMENT: Final = "https://outlook.office365.us"


class NoPortError(Exception):
    """The ports that the demo cannot choose are taken."""


@dataclass(frozen=True, slots=True)
class MailWorld:
    """Everything outside the cluster.

    Attributes:
        loopback: Google, Microsoft, and mail servers on demand.
        service_account: The key file of a service account that exists.
        doors: The ports of the mail servers beside Google's and Microsoft's.
        opened: The customary port where a server is, beside the closed one.
        strict: Microsoft's in another cloud, which grants less than it is asked for.
    """

    loopback: World
    service_account: str
    doors: Doors
    opened: int
    strict: OAuthServer

    @classmethod
    async def start(cls, stack: AsyncExitStack, directory: Path) -> Self:
        """Start the servers; the stack stops them.

        Args:
            stack: For whatever was started.
            directory: For the bundle.
        """
        authority, (key, public) = Authority(), key_file()
        tls, granting = authority.server_context(), consents(public)
        opening = World.open(authority, directory, granting, plain=True)
        world = await stack.enter_async_context(opening)
        withheld = Granting(granting.clients, refresh_tokens=granting.refresh_tokens,
                            granted_scopes=f"{GOVERNMENT}/User.Read")  # fmt: skip
        strict = await stack.enter_async_context(OAuthServer(tls, withheld))
        closed, opened = next_pair()
        submission = world.server(Behaviour(accounts=accounts()))
        immediate = world.server(Behaviour(Security.TLS, accounts=accounts()))
        customary = SmtpServer(tls, Behaviour(security_of(opened)), port=opened)
        for each in (submission, immediate, customary):
            await stack.enter_async_context(each)
        doors = Doors(submission.port, immediate.port, closed)
        return cls(world, key, doors, opened, strict)

    def configuration(self) -> Mapping[str, Any]:
        """Write the part of the operator's configuration that leads it here."""
        places = self.loopback.places(self.doors.closed, self.opened)
        places["outlook"]["clouds"]["USGovernment"] = self.loopback.cloud(self.strict, GOVERNMENT)
        return places


@contextmanager
def running(directory: Path) -> Iterator[MailWorld]:
    """Run the servers beside the main thread, for as long as the block.

    Args:
        directory: For the bundle.
    """
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    thread = Thread(target=loop.run_forever, name="mail world", daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(MailWorld.start(stack, directory), loop).result()
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
