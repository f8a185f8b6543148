"""Holds sessions with mail servers: dials, sets TLS up, and hangs up at the end.

What is said in a session is its caller's business.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final, TypeVar

import aiosmtplib

from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.name_service import PLATFORM
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.servers import Visit
from mailbox_operator.connect.ports import NO_PHASES, Phases
from mailbox_operator.connect.smtp.client import Client
from mailbox_operator.connect.smtp.faults import Exchange
from mailbox_operator.connect.smtp.handshakes import about_tls
from mailbox_operator.connect.smtp.meter import Meter
from mailbox_operator.decide.failure.smtp_replies import Stage
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.shapes import NAMELESS
from mailbox_operator.decide.words import Phase, Security

Result = TypeVar("Result")
TROUBLE: Final = (aiosmtplib.SMTPException, OSError, ValueError)
"""What a session ends with that is not successful."""

NO_STARTTLS: Final = "STARTTLS is not offered"


@dataclass(frozen=True, slots=True)
class Target:
    """A server to prove a login at.

    Attributes:
        tls: Whom to believe there.
        tenant: On whose behalf it is dialled: a namespace, or the platform.
        trusted: The platform named it, so the egress policy does not apply.
        certificate_name: Whose certificate it must show; empty for the host's own.
    """

    endpoint: Endpoint
    tls: ssl.SSLContext
    tenant: str = PLATFORM
    trusted: bool = False
    certificate_name: str = ""

    @property
    def name(self) -> str:
        """The name that its certificate must be for."""
        return self.certificate_name or self.endpoint.host


@dataclass(frozen=True, slots=True)
class Sessions:
    """Names are looked up and dialled on the loop of the caller, all else is done elsewhere.

    Attributes:
        command_timeout_seconds: For the TLS handshake, and for each reply.
        probe_timeout_seconds: For the whole of a second look.
        phases: Hears of each handshake, login and sender, on another thread.
        helo_name: What the operator calls itself; every server is told the same.
        elsewhere: Runs what is said with servers, so that their handshakes hold nobody up.
        silence_seconds: After this, a server that does not greet is looked at.
    """

    network: Network
    command_timeout_seconds: float = 20
    probe_timeout_seconds: float = 5
    phases: Phases = NO_PHASES
    helo_name: str = NAMELESS
    elsewhere: MailThread = field(default_factory=MailThread)
    silence_seconds: float = 5

    async def dial(self, target: Target, visit: Visit) -> Meter:
        """Connect to a server; the caller closes. Raises as `Network.dial` does."""
        dialled = await self.network.dial(target.endpoint, visit, trusted=target.trusted)
        return Meter(dialled)

    def client(self, target: Target, connected: Meter) -> Client:
        """Make the client for a connection, which has said nothing yet."""
        return Client(
            hostname=target.name,
            sock=connected,
            local_hostname=self.helo_name,
            timeout=self.command_timeout_seconds,
            use_tls=target.endpoint.security is Security.TLS,
            start_tls=False,
            tls_context=target.tls,
        )

    async def begin_securely(self, client: Client, exchange: Exchange) -> None:
        """Begin a session as a phase of the attempt; raises as `secure` does."""
        with self.phases.phase(Phase.TLS, exchange.endpoint):
            await secure(client, exchange)


async def hold(client: Client, session: Callable[[], Awaitable[Result]]) -> Result:
    """Hold a session, and cut the connection.

    Raises:
        ssl.SSLError: The alert of TLS that ended it, in place of the lost connection.
    """
    with closing(client):
        return await keep(client, session)


async def keep(client: Client, session: Callable[[], Awaitable[Result]]) -> Result:
    """Hold a part of a session; the connection is cut where it fails. Raises as `hold` does."""
    try:
        return await session()
    except aiosmtplib.SMTPServerDisconnected as error:
        client.close()
        if client.refusal is None:
            raise
        raise client.refusal from error
    except BaseException:
        client.close()
        raise


async def secure(client: Client, exchange: Exchange) -> None:
    """Begin a session: greeting, TLS and EHLO, in the order that the endpoint's security has them.

    Raises:
        Fault: `TlsModeMismatch`: STARTTLS is not offered.
        SMTPException, OSError, ValueError: The server does not keep to the protocol, or hangs up.
    """
    if client.use_tls:
        async with asyncio.timeout(client.timeout):
            await encrypt(client, exchange)
            await client.read_greeting()
    else:
        await encrypt(client, exchange)
    await _greet(client, exchange)


async def encrypt(client: Client, exchange: Exchange) -> None:
    """Begin a session, but only as far as TLS; raises as `secure` does."""
    exchange.shaking_hands = client.use_tls
    await client.begin()
    if not client.use_tls:
        await client.read_greeting()
        await _greet(client, exchange)
        exchange.stage = Stage.STARTTLS
        if not client.supports_extension("starttls"):
            raise about_tls(exchange.endpoint, NO_STARTTLS)
        exchange.shaking_hands = True
        await client.upgrade()
    exchange.shaking_hands, exchange.encrypted = False, True


def peer_address(connected: socket.socket) -> str:
    """Return the address at the other end; empty where the connection was just lost."""
    try:
        return str(connected.getpeername()[0])
    except OSError:
        return ""


async def _greet(client: Client, exchange: Exchange) -> None:
    exchange.stage = Stage.EHLO
    await client.ehlo()
    if not client.is_connected:  # it forgot what was offered
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
