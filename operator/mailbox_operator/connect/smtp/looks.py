"""Looks a second time at a server that could not be used, to say what would do.

No credential comes near a look. It has the attempt's place at the server, once the session is over,
and what it does not find changes no verdict.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

import aiosmtplib

from mailbox_operator.connect.network.servers import Visit
from mailbox_operator.connect.network.trust import looking_context
from mailbox_operator.connect.smtp.faults import Exchange, fault_of
from mailbox_operator.connect.smtp.handshakes import HUNG_UP, about_tls, handshake_failed
from mailbox_operator.connect.smtp.hello import ask_terms
from mailbox_operator.connect.smtp.meter import Meter
from mailbox_operator.connect.smtp.sessions import (
    NO_STARTTLS,
    TROUBLE,
    Sessions,
    Target,
    encrypt,
    hold,
)
from mailbox_operator.connect.smtp.shown import Shown, specified
from mailbox_operator.connect.smtp.silence import Silence
from mailbox_operator.decide.declared.route import alternate
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import Stage
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security

PROBED: Final = (Reason.CONNECTION_REFUSED, Reason.CONNECTION_TIMEOUT, Reason.TLS_MODE_MISMATCH)
KNOWN_ALREADY: Final = frozenset(
    {Finding.CLIENT_CERTIFICATE_WANTED, Finding.ENCRYPTION_ASKED_AGAIN}
)
USE_THAT: Final = ": use that"
STARTTLS_THERE: Final = f", but STARTTLS answers there{USE_THAT}"
Learned = TypeVar("Learned")
Look = Callable[[Target, Meter], Coroutine[Any, Any, Learned]]


@dataclass(frozen=True, slots=True)
class Looks:
    """The second looks of one attempt.

    Attributes:
        target: Where the attempt goes.
        exchange: Where its session stands.
        visit: Its place at a server.
    """

    sessions: Sessions
    target: Target
    exchange: Exchange
    visit: Visit

    async def during(self, session: Coroutine[Any, Any, None], address: str) -> None:
        """Wait for the session, and meanwhile look at a server that does not greet.

        Args:
            session: What is waited for.
            address: The server's; the very one is looked at, not another one of that name.

        Raises:
            Fault: `TlsModeMismatch`: the server waits for a TLS handshake.
        """
        if self.target.endpoint.security is Security.TLS:
            await session
            return
        seconds = self.sessions.silence_seconds
        beside, after = partial(self._probe_beside, address), partial(self._probe_tls, address)
        await Silence(self.exchange, seconds, beside, after).during(session)

    async def say_more_of(self, fault: Fault) -> Fault:
        """Say more of a fault: what else answers there, or what the server shows.

        A fault stands as it is where there is no room for a look.
        """
        try:
            return await self._dial_again(fault)
        except Postponed:
            return fault

    async def _dial_again(self, fault: Fault) -> Fault:
        if fault.reason is Reason.TLS_VERIFICATION_FAILED:
            shown = await self._look(self.target, self._fetch_certificate)
            return specified(fault, shown) if shown else fault
        if fault.finding in KNOWN_ALREADY:
            return fault
        if fault.reason is Reason.TLS_HANDSHAKE_FAILED or fault.facts.get("code") == HUNG_UP:
            wanted = await self._look(self.target, self._ask_terms)
            at, said = self.target.endpoint, fault.detail
            return handshake_failed(at, wanted, said) if wanted else fault
        if fault.reason in PROBED and "other" not in fault.facts:
            return await self._probe_alternatives(fault)
        if self._was_in_plain_text(fault) and await self._probe_starttls():
            mismatch = about_tls(self.target.endpoint, fault.detail)
            return mismatch.with_facts(other=STARTTLS_THERE)
        return fault

    def _was_in_plain_text(self, fault: Fault) -> bool:
        """Say whether a reply came in place of TLS; Exim so answers a client that speaks first."""
        replied = fault.facts.get("code", "")[:1].isdigit()
        return replied and self.exchange.shaking_hands and self.exchange.stage is Stage.BANNER

    async def _probe_starttls(self) -> bool:
        """Say whether the port that is to begin with TLS takes STARTTLS."""
        stated = replace(self.target.endpoint, security=Security.STARTTLS)
        return bool(await self._look(replace(self.target, endpoint=stated), self._try_handshake))

    async def _probe_alternatives(self, fault: Fault) -> Fault:
        """Say what the server answers to: STARTTLS at this very port, or the other customary one."""
        stated = self.target.endpoint
        mismatch = fault.reason is Reason.TLS_MODE_MISMATCH and stated.security is Security.TLS
        if mismatch and await self._probe_starttls():
            return fault.with_facts(other=STARTTLS_THERE)
        other = await self._probe_other_port()
        hopeless = fault.detail == NO_STARTTLS and USE_THAT not in other
        return fault.with_facts(other=other).specified(Finding.NO_ENCRYPTION if hopeless else None)

    async def _probe_other_port(self) -> str:
        """Look at the other customary port and say what is there, as the end of a sentence."""
        target, other = self.target, alternate(self.target.endpoint)
        ports = self.sessions.network.egress.ports
        if other is None or not (target.trusted or other.port in ports):
            return ""
        spoken = f"port {other.port} with {other.security.value}"
        if await self._look(replace(target, endpoint=other), self._try_handshake):
            return f", but {spoken} answers{USE_THAT}"
        return f", and {spoken} does not answer either"

    async def _probe_beside(self, address: str) -> bool | None:
        """Look while the session is open, with a place of its own at the server."""
        with self.sessions.network.visit(self.target.tenant) as visit:
            return await replace(self, visit=visit)._probe_tls(address)  # noqa: SLF001 - its own

    async def _probe_tls(self, address: str) -> bool | None:
        """Say whether a server that does not greet answers a TLS handshake; None without a look."""
        target, stated = self.target, self.target.endpoint
        same = Endpoint(address or stated.host, stated.port, Security.TLS)
        secured = replace(target, endpoint=same, certificate_name=target.name)
        try:
            return bool(await self._look(secured, self._try_handshake))
        except Postponed:
            return None

    async def _look(self, target: Target, look: Look[Learned]) -> Learned | None:
        """Dial a server and look; None where it does not let itself be looked at.

        Raises:
            Postponed: It was not dialled, so nothing was learned.
        """
        sessions, visit = self.sessions, self.visit
        before = visit.dialled
        try:
            async with asyncio.timeout(sessions.probe_timeout_seconds):
                with closing(await sessions.dial(target, visit)) as metered:
                    return await sessions.elsewhere.run(look(target, metered))
        except (Fault, EOFError, *TROUBLE) as error:
            if visit.dialled == before:
                raise Postponed("the second look did not come about") from error
            return None

    async def _try_handshake(self, target: Target, metered: Meter) -> bool:
        """Say whether a server completes a TLS handshake."""
        client, exchange = self.sessions.client(target, metered), Exchange(target.endpoint)
        try:
            await hold(client, lambda: self.sessions.begin_securely(client, exchange))
        except TROUBLE as error:
            replied = isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0
            untrusted = fault_of(error, exchange).reason is Reason.TLS_VERIFICATION_FAILED
            return untrusted or (replied and exchange.encrypted)
        return True

    async def _fetch_certificate(self, target: Target, metered: Meter) -> Shown | None:
        """Read a server's certificate without belief in it; on the loop for strangers' servers."""
        from mailbox_operator.connect.smtp.certificates import shown_by  # noqa: PLC0415 - cryptography is large

        client = self.sessions.client(replace(target, tls=looking_context()), metered)

        async def session() -> Shown | None:
            await encrypt(client, Exchange(target.endpoint))
            return shown_by(client.get_transport_info("ssl_object"))

        return await hold(client, session)

    async def _ask_terms(self, target: Target, metered: Meter) -> str:
        """Ask what a server wants whose handshake failed; empty where it does not tell."""
        at = target.endpoint
        starttls = at.security is Security.STARTTLS
        return await ask_terms(metered, at.host, self.sessions.helo_name, starttls=starttls)
