"""Speaks SMTP: logs in, for a proof or for mail, and says what went wrong.

TLS is always on and verified; credentials are sent once, by one mechanism, to the one server they are
meant for.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.network import server_facts
from mailbox_operator.connect.ports import Gate, Trial, open_gate
from mailbox_operator.connect.smtp.client import Client
from mailbox_operator.connect.smtp.credentials import Credential
from mailbox_operator.connect.smtp.faults import Exchange, challenge_status, fault_of
from mailbox_operator.connect.smtp.looks import Looks
from mailbox_operator.connect.smtp.mechanisms import next_line
from mailbox_operator.connect.smtp.sessions import (
    TROUBLE,
    Result,
    Sessions,
    Target,
    keep,
    peer_address,
)
from mailbox_operator.decide.failure.auth_offers import offers, unspoken
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.microsoft_logins import finding_at_microsoft
from mailbox_operator.decide.failure.smtp_replies import Stage
from mailbox_operator.decide.words import Phase

__all__ = ["Opened", "Smtp", "Target"]

CHALLENGE: Final = 334
ACCEPTED: Final = 235
COMPLETED: Final = 250
WILL_DELIVER: Final = (250, 251)


@dataclass(slots=True)
class Opened:
    """A session that is logged in.

    Attributes:
        elsewhere: Where its connection lives, so that all of it is said there; None where that is the
            loop of the caller.
    """

    client: Client
    exchange: Exchange
    elsewhere: MailThread | None

    async def run(self, part: Coroutine[Any, Any, Result]) -> Result:
        """Run a part of the session where its connection lives."""
        return await (part if self.elsewhere is None else self.elsewhere.run(part))

    async def come_here(self) -> None:
        """Have the connection live on the loop of the caller; raises what a session ends with."""
        client, before = self.client, self.client.sock
        try:
            await self.run(client.leave())
            self.elsewhere = None
            await client.arrive()
        except BaseException:
            if client.sock is not None and client.sock is not before:
                client.sock.close()  # no loop has it yet
            raise

    async def close(self) -> None:
        """Cut the connection, if it is not cut yet."""
        if self.client.transport is not None:
            await self.run(_cut(self.client))


Part = Callable[[Opened], Awaitable[None]]
"""A part of a session."""


async def nothing(_: Opened) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Smtp(Sessions):
    """Logs in, for a proof or for mail."""

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
            Fault, Postponed: As `open` does; or the sender is refused.
        """
        async with self.open(target, credential, sender, gate, partial(self._probe, sender)):
            pass  # all is said

    @asynccontextmanager
    async def open(
        self,
        target: Target,
        credential: Credential,
        sender: str | None,
        gate: Gate = open_gate,
        then: Part = nothing,
        *,
        here: bool = False,
    ) -> AsyncIterator[Opened]:
        """Log in, and keep the session while a block lasts. The gate is passed when the block begins.

        Args:
            target: Where.
            credential: What to log in with.
            sender: The sender, as far as it tells what a refusal means; nothing is said of it.
            gate: Passed right before the login.
            then: Said right after it, behind the same gate: one hand-over to the other loop is
                cheaper than two.
            here: Whether the session goes on on the loop of the caller once it is open, where a message
                costs a quarter less.

        Raises:
            Fault: Why that is not possible; where the server was not reached, the other customary
                port was looked at, without credentials, and the fault says what answers there.
            Postponed: Others are being served, or the gate has no room for this login now.
        """
        exchange = Exchange(
            target.endpoint, credential.login, credential.secrets, credential.app_password
        )
        with self.network.visit(target.tenant) as visit, self.elsewhere.kept():
            looks = Looks(self, target, exchange, visit)
            try:
                async with self._open(looks, credential, gate, then) as opened:
                    if here:
                        await opened.come_here()
                    yield opened
            except Fault as fault:
                kind = finding_at_microsoft(
                    fault, target.endpoint.host, credential.login, sender or ""
                )
                raise await looks.say_more_of(fault.specified(kind)) from fault

    @asynccontextmanager
    async def _open(
        self, looks: Looks, credential: Credential, gate: Gate, then: Part
    ) -> AsyncIterator[Opened]:
        """Dial a server, and hold the session with it on the other loop."""
        exchange = looks.exchange
        try:
            with closing(await self.dial(looks.target, looks.visit)) as metered:
                address, client = peer_address(metered), self.client(looks.target, metered)
                opened = Opened(client, exchange, self.elsewhere)
                async with gate(address) as trial:
                    session = keep(client, partial(self._log_in, opened, credential, trial, then))
                    await looks.during(self.elsewhere.run(session), address)
                try:
                    yield opened
                finally:
                    await opened.close()
        except TROUBLE as error:
            raise fault_of(error, exchange) from error

    async def _log_in(
        self, opened: Opened, credential: Credential, trial: Trial, then: Part
    ) -> None:
        client, exchange = opened.client, opened.exchange
        await self.begin_securely(client, exchange)
        trial.sent = True
        with self.phases.phase(Phase.AUTH, exchange.endpoint):
            await _authenticate(client, credential, exchange)
        trial.accepted = True
        await then(opened)

    async def _probe(self, sender: str | None, opened: Opened) -> None:
        """Have the sender accepted, and hang up; once all is proved, what goes wrong is no matter."""
        client, exchange = opened.client, opened.exchange
        with closing(client):
            try:
                if sender is None:
                    exchange.stage = None
                    await client.quit()
                else:
                    with self.phases.phase(Phase.SENDER, exchange.endpoint):
                        await _offer(client, sender, exchange)
            except TROUBLE:
                if exchange.stage is not None:
                    raise


async def _cut(client: Client) -> None:
    client.close()


async def _offer(client: Client, sender: str, exchange: Exchange) -> None:
    """Name the sender, and again as the recipient: many servers judge the sender only then.

    With the sender accepted all is proved, so of the recipient only what a server says of the sender
    counts; silence does not. MAIL goes out by itself therefore: Exim keeps the replies to commands that
    came together until it has dealt with the last of them.

    Raises:
        Fault: The sender, the client or its greeting is refused after all.
    """
    exchange.stage = Stage.MAIL
    reply = await client.say(f"MAIL FROM:<{sender}>")()
    if reply.code != COMPLETED:
        raise exchange.fault(reply.code, reply.message)
    exchange.stage = None
    next_reply = client.say(f"RCPT TO:<{sender}>", "RSET", "QUIT")
    reply = await next_reply()
    if reply.code not in WILL_DELIVER and exchange.is_about_sender(reply.code, reply.message):
        exchange.stage = Stage.RCPT
        raise exchange.fault(reply.code, reply.message)
    await next_reply()
    await next_reply()


async def _authenticate(client: Client, credential: Credential, exchange: Exchange) -> None:
    exchange.stage = Stage.AUTH
    mechanisms, offered = credential.mechanisms, offers(client.server_auth_methods)
    mechanism = next((name for name in mechanisms if name in offered), None)
    if mechanism is None:
        raise unspoken(offered, tuple(mechanisms)).with_facts(**server_facts(exchange.endpoint))
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
