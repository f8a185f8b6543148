"""Sends one message in a session that is logged in: envelope, content, and what comes of it.

Nothing is sent twice: once the line that ends the message is on its way, a lost connection leaves it in
doubt. Before that nothing was sent, and a server that takes no dot takes no message.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import aiosmtplib

from mailbox_operator.connect.smtp.client import Client
from mailbox_operator.connect.smtp.faults import Exchange, fault_of
from mailbox_operator.connect.smtp.sessions import TROUBLE
from mailbox_operator.connect.smtp.wire import wired
from mailbox_operator.decide.failure.smtp_replies import Stage
from mailbox_operator.decide.sending.delivery import InDoubt, NotSent, Outcome, Refused, Taken
from mailbox_operator.decide.sending.message import Message

FINAL_SECONDS: Final = 300.0
BLOCK_SECONDS: Final = 60.0
MOST_TOGETHER: Final = 20
"""Commands in one piece: what both sides can hold without reading (RFC 2920, section 3.1)."""

GO_AHEAD: Final = 354
CLOSING: Final = 421
FORGOTTEN: Final = (503, 530)
"""What a server says at MAIL that does not know the login any more."""

NO_REPLY: Final = "no SMTP"


@dataclass(frozen=True, slots=True)
class DeliveryTimeouts:
    """How long a provider may take, beside the time that it has for each command.

    Attributes:
        block_seconds: For a piece of the content to be taken.
        final_seconds: For the reply to the message; RFC 5321 section 4.5.3.2.6 grants ten minutes.
    """

    block_seconds: float = BLOCK_SECONDS
    final_seconds: float = FINAL_SECONDS


@dataclass(frozen=True, slots=True)
class Ended:
    """The session ended, and nothing was sent; a new one may do.

    Attributes:
        outcome: What became of the message if it is not tried again.
    """

    outcome: Refused | NotSent


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what it names, and how its reply begins if it is accepted."""

    stage: Stage
    line: str
    recipient: str = ""

    def accepts(self, code: int) -> bool:
        """Say whether a reply is a yes."""
        return code == GO_AHEAD if self.stage is Stage.DATA else code // 100 == 2  # noqa: PLR2004 - RFC 5321


DATA: Final = Command(Stage.DATA, "DATA")


@dataclass(slots=True)
class Transaction:
    """One message in one session.

    Attributes:
        is_whole: Whether all of the message is on its way.
    """

    client: Client
    exchange: Exchange
    message: Message
    timeouts: DeliveryTimeouts
    is_whole: bool = False

    async def run(self) -> Outcome | Ended:
        """Send the message to all recipients, or to none.

        The session is as good as before afterwards, or it is closed.
        """
        try:
            return await self._run()
        except TROUBLE as error:
            self.client.close()
            if self.is_whole:
                return InDoubt(f"{type(error).__name__} after the message")
            return Ended(NotSent(fault_of(error, self.exchange)))
        except BaseException:
            self.client.close()
            raise

    async def _run(self) -> Outcome | Ended:
        self.exchange.stage = Stage.MAIL
        if self.client.has_unread:  # a farewell, or the replies are out of step
            raise aiosmtplib.SMTPServerDisconnected("the server spoke unasked")
        self.client.renew()
        refused = await self._name()
        if refused is not None:
            return refused
        early = await self._transmit()
        if early is not None:
            self.client.close()
            return early
        reply = await self.client.read_reply(self.timeouts.final_seconds)
        return self._final(reply)

    async def _name(self) -> Refused | Ended | None:
        """Name sender and recipients, and have the content asked for; None if it is."""
        for commands in self._batches():
            refused = await self._say(commands)
            if refused is not None:
                return await self._withdraw(refused)
        return None

    def _batches(self) -> Iterator[list[Command]]:
        """Put together what goes out in one piece.

        DATA is with the others only where one recipient is all: after it a server that refused some of
        several would wait for the content for the rest.
        """
        recipients = [
            Command(Stage.RCPT, f"RCPT TO:<{each}>", each) for each in self.message.recipients
        ]
        commands = [Command(Stage.MAIL, self._mail()), *recipients]
        if len(recipients) == 1:
            yield [*commands, DATA]
            return
        for begin in range(0, len(commands), MOST_TOGETHER):
            yield commands[begin : begin + MOST_TOGETHER]
        yield [DATA]

    def _mail(self) -> str:
        """Name the sender, with what the server wants to know of the message (RFC 1870, RFC 6152).

        A message of eight bits goes as it is to a server that does not promise to take it: all in use
        do, and to refuse it or to encode it again would break signatures.
        """
        size = f" SIZE={self.message.size}" if self.client.supports_extension("size") else ""
        takes_8bit = self.client.supports_extension("8bitmime") and self.message.is_8bit
        return f"MAIL FROM:<{self.message.sender}>{size}{' BODY=8BITMIME' * takes_8bit}"

    async def _say(self, commands: list[Command]) -> Refused | Ended | None:
        """Say some commands; the first that is refused counts, and all replies are read."""
        together = self.client.supports_extension("pipelining")
        next_reply = self.client.say(*(each.line for each in commands))
        first: Refused | Ended | None = None
        for command in commands:
            self.exchange.stage = command.stage
            try:
                reply = await next_reply()
            except TROUBLE:
                if first is None:
                    raise
                self.client.close()
                break
            if not command.accepts(reply.code):
                first = first or self._refusal(command, reply)
            elif command is DATA and first is not None:
                self.client.close()  # it waits for content, and the dot would send
            if first is not None and (isinstance(first, Ended) or not together):
                break
        return first

    def _refusal(self, command: Command, reply: aiosmtplib.SMTPResponse) -> Refused | Ended:
        refused = self._refused(command.stage, reply, command.recipient)
        is_forgotten = command.stage is Stage.MAIL and reply.code in FORGOTTEN
        return Ended(refused) if reply.code == CLOSING or is_forgotten else refused

    async def _withdraw(self, refused: Refused | Ended) -> Refused | Ended:
        """Take back what was named, so that the session can go on."""
        if isinstance(refused, Ended):
            self.client.close()
        elif self.client.is_connected:
            try:
                reply = await self.client.say("RSET")()
            except TROUBLE:
                self.client.close()
            else:
                if reply.code // 100 != 2:  # noqa: PLR2004 - RFC 5321
                    self.client.close()
        return refused

    async def _transmit(self) -> Refused | None:
        """Write the content; a reply that comes before its end is a refusal."""
        pieces = wired(self.message.content)
        piece, seconds = next(pieces), self.timeouts.block_seconds
        try:
            for following in pieces:
                await self.client.transmit(piece, seconds)
                await asyncio.sleep(0)  # others have their turn, and what the server says is read
                if self._is_interrupted:
                    return await self._early_refusal()
                piece = following
        except OSError:
            if not self.client.has_unread:
                raise
        if self._is_interrupted:
            return await self._early_refusal()
        self.is_whole = True
        await self.client.transmit(piece, seconds)
        return None

    @property
    def _is_interrupted(self) -> bool:
        """Whether the server spoke before the end, or is gone."""
        return self.client.has_unread or self.client.is_over

    async def _early_refusal(self) -> Refused:
        """Read what the server said before the end; raises as `read_reply` where that is nothing."""
        reply = await self.client.read_reply(self.timeouts.block_seconds)
        return self._refused(Stage.DATA, reply)

    def _final(self, reply: aiosmtplib.SMTPResponse) -> Outcome:
        if reply.code // 100 == 2:  # noqa: PLR2004 - RFC 5321
            return Taken(self.exchange.passed_on(reply.code, reply.message))
        if reply.code == CLOSING:
            self.client.close()
        return self._refused(Stage.DATA, reply)

    def _refused(
        self, stage: Stage, reply: aiosmtplib.SMTPResponse, recipient: str = ""
    ) -> Refused:
        """Read a refusal.

        Raises:
            ValueError: It is none, and no yes either.
        """
        if reply.code // 100 not in (4, 5):
            raise ValueError(NO_REPLY)
        named = recipient if len(self.message.recipients) > 1 else ""
        answer = self.exchange.passed_on(reply.code, reply.message, named)
        trouble = self.exchange.trouble(stage, reply.code, reply.message)
        return Refused(answer, stage, recipient, trouble)
