"""Speaks SMTP: one session that proves a login and a sender, and says what went wrong.

The only door of aiosmtplib. TLS is always on and verified; credentials are sent once, by one
mechanism, to the one server they are meant for.
"""

import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Final

import aiosmtplib

from mailbox_operator.connect.faults import Exchange, about_tls, fault_of
from mailbox_operator.connect.network import Network, about
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.replies import Login, Stage
from mailbox_operator.decide.route import alternate
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Security

PROBED: Final = frozenset(
    {Reason.CONNECTION_REFUSED, Reason.CONNECTION_TIMEOUT, Reason.TLS_MODE_MISMATCH}
)
CHALLENGE: Final = 334
ACCEPTED: Final = 235


@dataclass(frozen=True, slots=True)
class Password:
    """A username and password (RFC 4616)."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    app_password: bool = False

    login = Login.PASSWORD
    mechanisms = ("PLAIN", "LOGIN")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be repeated to anybody."""
        return (self.password, _base64(self.password), self.initial_response.decode())

    @property
    def initial_response(self) -> bytes:
        """The message of RFC 4616, in base64 (RFC 4954 section 4)."""
        return _base64(f"\0{self.username}\0{self.password}").encode()


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token for a user, by SASL XOAUTH2.

    Attributes:
        app_only: The token stands for an app that may act for the mailbox, not for the person.
    """

    username: str = field(repr=False)
    token: str = field(repr=False)
    app_only: bool = False

    app_password = False
    mechanisms = ("XOAUTH2",)

    @property
    def login(self) -> Login:
        """How a refusal is to be read."""
        return Login.APP_TOKEN if self.app_only else Login.TOKEN

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be repeated to anybody."""
        return (self.token, self.initial_response.decode())

    @property
    def initial_response(self) -> bytes:
        """The message of Google's and Microsoft's XOAUTH2, in base64."""
        return _base64(f"user={self.username}\1auth=Bearer {self.token}\1\1").encode()


Credential = Password | Bearer


@dataclass(frozen=True, slots=True)
class Target:
    """A server to prove a login at.

    Attributes:
        tls: Whom to believe there.
        trusted: The platform named it, so the egress policy does not apply.
    """

    endpoint: Endpoint
    tls: ssl.SSLContext
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Smtp:
    """Proves logins.

    Attributes:
        command_timeout_seconds: For the TLS handshake, and for each reply.
        probe_timeout_seconds: For each of these when the other port is looked at.
    """

    network: Network
    command_timeout_seconds: float = 20
    probe_timeout_seconds: float = 5

    async def prove(self, target: Target, credential: Credential, sender: str | None) -> None:
        """Log in, have the sender accepted, and leave without sending anything.

        Args:
            target: Where.
            credential: As whom.
            sender: The address for `MAIL FROM`; None to prove the login only.

        Raises:
            Fault: Why that is not possible; where the server was not reached, the other customary
                port was looked at, without credentials, and the fault says what answers there.
        """
        try:
            async with self._session(target, credential) as (client, exchange):
                await _authenticate(client, credential, exchange)
                await _offer_sender(client, sender, exchange)
        except Fault as fault:
            if fault.reason not in PROBED:
                raise
            raise fault.knowing(other=await self._other_port(target)) from fault

    @asynccontextmanager
    async def _session(
        self, target: Target, credential: Credential
    ) -> AsyncIterator[tuple[aiosmtplib.SMTP, Exchange]]:
        exchange = Exchange(
            target.endpoint, credential.login, credential.secrets, credential.app_password
        )
        timeout = self.command_timeout_seconds
        client = await self._connected(target, timeout)
        try:
            await _secure(client, target, exchange)
            yield client, exchange
            exchange.stage = None
            await client.quit()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if exchange.stage is not None:
                raise await self._explained(error, exchange, target) from error
        finally:
            client.close()

    async def _connected(self, target: Target, timeout: float) -> aiosmtplib.SMTP:
        dialled = await self.network.dial(target.endpoint, trusted=target.trusted)
        host, *_ = dialled.getsockname()
        literal = f"[IPv6:{host.partition('%')[0]}]" if ":" in host else f"[{host}]"
        return aiosmtplib.SMTP(
            hostname=target.endpoint.host,
            sock=dialled,
            local_hostname=literal,
            timeout=timeout,
            use_tls=target.endpoint.security is Security.TLS,
            start_tls=False,
            tls_context=target.tls,
        )

    async def _explained(self, error: Exception, exchange: Exchange, target: Target) -> Fault:
        """Read an error; a silent server may be one that waits for a TLS handshake."""
        fault = fault_of(error, exchange)
        silent = fault.reason is Reason.CONNECTION_TIMEOUT and exchange.stage is Stage.BANNER
        if not silent or target.endpoint.security is Security.TLS:
            return fault
        endpoint = Endpoint(target.endpoint.host, target.endpoint.port, Security.TLS)
        if await self._answers(Target(endpoint, target.tls, target.trusted)):
            return about_tls(target.endpoint, "it speaks TLS from its first byte")
        return fault

    async def _other_port(self, target: Target) -> str:
        """Look at the other customary port and say what is there, as the end of a sentence."""
        other = alternate(target.endpoint)
        if other is None:
            return ""
        spoken = f"port {other.port} with {other.security.value}"
        if await self._answers(Target(other, target.tls, target.trusted)):
            return f", but {spoken} answers: use that"
        return f", and {spoken} does not answer either"

    async def _answers(self, target: Target) -> bool:
        """Say whether a server completes a TLS handshake; no credential comes near it."""
        exchange = Exchange(target.endpoint, Login.PASSWORD, (), app_password=False)
        try:
            client = await self._connected(target, self.probe_timeout_seconds)
            with closing(client):
                await _secure(client, target, exchange)
        except Fault:
            return False
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return fault_of(error, exchange).reason is Reason.TLS_VERIFICATION_FAILED
        return True


async def _secure(client: aiosmtplib.SMTP, target: Target, exchange: Exchange) -> None:
    await client.connect()
    exchange.stage = Stage.EHLO
    await client.ehlo()
    if target.endpoint.security is Security.STARTTLS:
        exchange.stage = Stage.STARTTLS
        if not client.supports_extension("starttls"):
            raise about_tls(target.endpoint, "STARTTLS is not offered")
        await client.starttls(server_hostname=target.endpoint.host, tls_context=target.tls)
        exchange.stage = Stage.EHLO
        await client.ehlo()


async def _authenticate(
    client: aiosmtplib.SMTP, credential: Credential, exchange: Exchange
) -> None:
    exchange.stage = Stage.AUTH
    offered = {method.upper() for method in client.supported_auth_methods}
    mechanism = next((name for name in credential.mechanisms if name in offered), None)
    if mechanism is None:
        wanted = " or ".join(credential.mechanisms)
        code = f"it does not offer {wanted}"
        raise about(exchange.endpoint, Reason.SMTP_AUTH_DISABLED, code, code=code)
    if mechanism == "LOGIN":
        assert isinstance(credential, Password)
        await client.auth_login(credential.username, credential.password)
        return
    response = await client.execute_command(
        b"AUTH", mechanism.encode(), credential.initial_response
    )
    challenge = ""
    if response.code == CHALLENGE:
        challenge = _challenge_status(response.message)
        response = await client.execute_command(b"")
    if response.code != ACCEPTED:
        raise exchange.fault(response.code, response.message).knowing(challenge=challenge)


async def _offer_sender(client: aiosmtplib.SMTP, sender: str | None, exchange: Exchange) -> None:
    if sender is None:
        return
    exchange.stage = Stage.MAIL
    await client.mail(sender)
    await client.rset()


def _challenge_status(challenge: str) -> str:
    """Read the `status` of the error that Google sends as an XOAUTH2 challenge; empty if none."""
    try:
        status = json.loads(base64.b64decode(challenge, validate=True)).get("status")
    except (ValueError, AttributeError):
        return ""
    return str(status)[:3] if status else ""


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
