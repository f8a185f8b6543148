"""Speaks SMTP: one session that proves a login and a sender, and says what went wrong.

The door of aiosmtplib. TLS is always on and verified; credentials are sent once, by one mechanism, to
the one server they are meant for.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final

import aiosmtplib

from mailbox_operator.connect.certificates import Shown, shown_by, specified
from mailbox_operator.connect.conversation import Client, Meter
from mailbox_operator.connect.credentials import Credential
from mailbox_operator.connect.faults import Exchange, challenge_status, fault_of
from mailbox_operator.connect.handshakes import HUNG_UP, about_tls, handshake_failed
from mailbox_operator.connect.hello import asked
from mailbox_operator.connect.mailthread import MailThread
from mailbox_operator.connect.mechanisms import next_line
from mailbox_operator.connect.names import PLATFORM
from mailbox_operator.connect.network import Network, named
from mailbox_operator.connect.trust import looking_context
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.findings import Finding
from mailbox_operator.decide.microsoft_logins import finding_at_microsoft
from mailbox_operator.decide.offers import offers, unspoken
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.replies import Stage
from mailbox_operator.decide.route import alternate
from mailbox_operator.decide.shapes import NAMELESS
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Security
from mailbox_operator.ports import NO_PHASES, Gate, Phase, Phases, Postponed, Trial, open_gate

PROBED: Final = (Reason.CONNECTION_REFUSED, Reason.CONNECTION_TIMEOUT, Reason.TLS_MODE_MISMATCH)
TROUBLE: Final = (aiosmtplib.SMTPException, OSError, ValueError)
USE_THAT: Final = ": use that"
NO_STARTTLS: Final = "STARTTLS is not offered"
CHALLENGE: Final = 334
ACCEPTED: Final = 235
Session = Callable[[Client, Trial], Awaitable[None]]


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


@dataclass(frozen=True, slots=True)
class Smtp:
    """Proves logins. Names are looked up and dialled on the loop of the caller, all else elsewhere.

    Attributes:
        command_timeout_seconds: For the TLS handshake, and for each reply.
        probe_timeout_seconds: For the whole look at another port.
        phases: Hears of each handshake, login and sender, on another thread.
        helo_name: What the operator calls itself; every server is told the same.
        elsewhere: Runs what is said with servers, so that their handshakes hold nobody up.
    """

    network: Network
    command_timeout_seconds: float = 20
    probe_timeout_seconds: float = 5
    phases: Phases = NO_PHASES
    helo_name: str = NAMELESS
    elsewhere: MailThread = field(default_factory=MailThread)

    async def prove(
        self, target: Target, credential: Credential, sender: str | None, gate: Gate = open_gate
    ) -> None:
        """Log in, have the sender accepted as sender and as recipient, and send nothing.

        Args:
            target: Where.
            credential: What to log in with.
            sender: The sender; None to prove the login only.
            gate: Passed right before the login.

        Raises:
            Fault: Why that is not possible; where the server was not reached, the other customary
                port was looked at, without credentials, and the fault says what answers there.
            Postponed: Others are being served, or the gate has no room for this login now.
        """
        with self.network.on_behalf_of(target.tenant) as network:
            attempt = replace(self, network=network)
            try:
                await attempt._prove(target, credential, sender, gate)  # noqa: SLF001 - its own
            except Fault as fault:
                kind = finding_at_microsoft(
                    fault, target.endpoint.host, credential.login, sender or ""
                )
                known = fault.specified(kind)
                raise await attempt._looked_into(known, target) from fault  # noqa: SLF001 - its own

    async def _prove(
        self, target: Target, credential: Credential, sender: str | None, gate: Gate
    ) -> None:
        exchange = Exchange(
            target.endpoint, credential.login, credential.secrets, credential.app_password
        )

        async def session(client: Client, trial: Trial) -> None:
            await self._secured(client, target, exchange)
            trial.sent = True
            with self.phases.phase(Phase.AUTH, target.endpoint):
                await _authenticate(client, credential, exchange)
            trial.accepted = True
            if sender is not None:
                exchange.stage = Stage.MAIL
                with self.phases.phase(Phase.SENDER, target.endpoint):
                    await client.mail(sender)
                    await _offer_recipient(client, sender, exchange)
            exchange.stage = None
            await client.rset()
            await client.quit()

        try:
            await self._met(target, session, gate)
        except TROUBLE as error:
            if exchange.stage is not None:
                raise await self._explained(error, exchange, target) from error

    async def _met(self, target: Target, session: Session, gate: Gate = open_gate) -> None:
        """Dial a server, hold a session with it on the other loop, and cut the connection."""
        dialled = await self.network.dial(target.endpoint, trusted=target.trusted)
        with closing(Meter(dialled)) as metered:
            async with gate(_address_of(metered)) as trial:
                await self.elsewhere.run(_held(session, self._client(target, metered), trial))

    def _client(self, target: Target, connected: Meter) -> Client:
        return Client(
            hostname=target.certificate_name or target.endpoint.host,
            sock=connected,
            local_hostname=self.helo_name,
            timeout=self.command_timeout_seconds,
            use_tls=target.endpoint.security is Security.TLS,
            start_tls=False,
            tls_context=target.tls,
        )

    async def _secured(self, client: Client, target: Target, exchange: Exchange) -> None:
        with self.phases.phase(Phase.TLS, target.endpoint):
            await _secure(client, target, exchange)

    async def _explained(self, error: Exception, exchange: Exchange, target: Target) -> Fault:
        """Read an error; a silent server may be one that waits for a TLS handshake."""
        fault = fault_of(error, exchange)
        silent = fault.reason is Reason.CONNECTION_TIMEOUT and exchange.stage is Stage.BANNER
        same = replace(target, endpoint=replace(target.endpoint, security=Security.TLS))
        if silent and same != target and await self._answers(same):
            found = about_tls(target.endpoint, "it waits for a TLS handshake")
            return found.knowing(other=", but TLS from its first byte")
        return fault

    async def _looked_into(self, fault: Fault, target: Target) -> Fault:
        """Say what else answers where the server was not reached, or what its certificate is."""
        if fault.reason is Reason.TLS_VERIFICATION_FAILED:
            shown = await self._shown(target)
            return specified(fault, shown) if shown else fault
        if fault.reason is Reason.TLS_HANDSHAKE_FAILED or fault.facts.get("code") == HUNG_UP:
            problem = await self._refused_terms(target)
            return handshake_failed(target.endpoint, problem, fault.detail) if problem else fault
        if fault.reason not in PROBED or "other" in fault.facts:
            return fault
        if fault.reason is Reason.TLS_MODE_MISMATCH and target.endpoint.security is Security.TLS:
            same = replace(target, endpoint=replace(target.endpoint, security=Security.STARTTLS))
            if await self._answers(same):
                return fault.knowing(other=f", but STARTTLS answers there{USE_THAT}")
        other = await self._other_port(target)
        hopeless = fault.detail == NO_STARTTLS and USE_THAT not in other
        return fault.knowing(other=other).specified(Finding.NO_ENCRYPTION if hopeless else None)

    async def _shown(self, target: Target) -> Shown | None:
        """Look at a server's certificate once more, without belief and without credentials."""
        seen: list[Shown | None] = []
        bare = replace(target, tls=looking_context())

        async def session(client: Client, _: Trial) -> None:
            try:
                await _secure(client, bare, Exchange(target.endpoint))
            finally:
                if connection := client.get_transport_info("ssl_object"):
                    seen.append(shown_by(connection))

        with contextlib.suppress(Fault, Postponed, *TROUBLE):
            async with asyncio.timeout(self.probe_timeout_seconds):
                await self._met(bare, session)
        return seen[0] if seen else None

    async def _refused_terms(self, target: Target) -> str:
        """Say what a server wants whose handshake failed; empty where it does not tell."""
        at, starttls = target.endpoint, target.endpoint.security is Security.STARTTLS
        with contextlib.suppress(Fault, Postponed, EOFError, *TROUBLE):
            async with asyncio.timeout(self.probe_timeout_seconds):
                dialled = await self.network.dial(at, trusted=target.trusted)
                with closing(Meter(dialled)) as metered:
                    asking = asked(metered, at.host, self.helo_name, starttls=starttls)
                    return await self.elsewhere.run(asking)
        return ""

    async def _other_port(self, target: Target) -> str:
        """Look at the other customary port and say what is there, as the end of a sentence."""
        other = alternate(target.endpoint)
        if other is None or not (target.trusted or other.port in self.network.egress.ports):
            return ""
        spoken = f"port {other.port} with {other.security.value}"
        if await self._answers(replace(target, endpoint=other)):
            return f", but {spoken} answers{USE_THAT}"
        return f", and {spoken} does not answer either"

    async def _answers(self, target: Target) -> bool:
        """Say whether a server completes a TLS handshake; no credential comes near it."""
        exchange = Exchange(target.endpoint)

        async def session(client: Client, _: Trial) -> None:
            await self._secured(client, target, exchange)

        try:
            async with asyncio.timeout(self.probe_timeout_seconds):
                await self._met(target, session)
        except Fault:
            return False
        except TROUBLE as error:
            replied = isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0
            untrusted = fault_of(error, exchange).reason is Reason.TLS_VERIFICATION_FAILED
            return untrusted or (replied and exchange.encrypted)
        return True


async def _held(session: Session, client: Client, trial: Trial) -> None:
    with closing(client):
        try:
            await session(client, trial)
        except aiosmtplib.SMTPServerDisconnected as error:
            if client.refusal is None:
                raise
            raise client.refusal from error


async def _secure(client: Client, target: Target, exchange: Exchange) -> None:
    async with asyncio.timeout(client.timeout):
        exchange.shaking_hands = client.use_tls
        await client.begin()
        exchange.shaking_hands, exchange.encrypted = False, client.use_tls
        await client.greeted()
    await _greet(client, exchange)
    if target.endpoint.security is Security.STARTTLS:
        exchange.stage = Stage.STARTTLS
        if not client.supports_extension("starttls"):
            raise about_tls(target.endpoint, NO_STARTTLS)
        exchange.shaking_hands = True
        await client.starttls()
        exchange.shaking_hands, exchange.encrypted = False, True
        await _greet(client, exchange)


async def _greet(client: Client, exchange: Exchange) -> None:
    exchange.stage = Stage.EHLO
    await client.ehlo()
    if not client.is_connected:  # it forgot what was offered
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")


def _address_of(connected: socket.socket) -> str:
    """Return the address at the other end; empty where the connection was just lost."""
    try:
        return str(connected.getpeername()[0])
    except OSError:
        return ""


async def _offer_recipient(client: Client, sender: str, exchange: Exchange) -> None:
    """Name the sender as the recipient as well: many servers judge the sender only then.

    All is proved before, so only what a server says of the sender counts; silence does not.

    Raises:
        Fault: The sender, the client or its greeting is refused after all.
    """
    exchange.stage = None
    try:
        await client.rcpt(sender)
    except aiosmtplib.SMTPRecipientRefused as error:
        if exchange.is_about_sender(error.code, error.message):
            exchange.stage = Stage.RCPT
            raise exchange.fault(error.code, error.message) from error


async def _authenticate(client: Client, credential: Credential, exchange: Exchange) -> None:
    exchange.stage = Stage.AUTH
    mechanisms, offered = credential.mechanisms, offers(client.server_auth_methods)
    mechanism = next((name for name in mechanisms if name in offered), None)
    if mechanism is None:
        raise unspoken(offered, tuple(mechanisms)).knowing(**named(exchange.endpoint))
    challenge, saying = "", mechanisms[mechanism]()
    first = exchange.said(next(saying))
    response = await client.execute_command(b"AUTH", f"{mechanism} {first}".strip().encode())
    while response.code == CHALLENGE:
        challenge = challenge_status(response.message)
        answer = next_line(saying, response.message)
        if answer is None:
            break
        response = await client.execute_command(exchange.said(answer).encode())
    if response.code != ACCEPTED:
        raise exchange.fault(response.code, response.message, challenge=challenge)
