"""A client that speaks SMTP over one connection, in the order that its caller chooses."""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from mailbox_operator.connect.smtp.conversation import READY, Conversation, refusal_in
from mailbox_operator.connect.smtp.meter import Meter
from mailbox_operator.connect.smtp.tls import Tls


class Client(aiosmtplib.SMTP):
    """A client that hangs up at once: a farewell in TLS gives a hostile server half a minute more."""

    _conversation: Conversation | None = None

    async def begin(self) -> None:
        """Take over the socket, with TLS if it is to come first.

        The library's own way does not let the reader of replies be chosen.

        Raises:
            SMTPConnectResponseError: The server refuses us in plain text, before any TLS.
            OSError: There is no TLS, for another cause.
        """
        self.loop = asyncio.get_running_loop()
        conversation = self._conversation = Conversation(self.loop, self._lost)
        assert isinstance(self.sock, Meter)
        if not self.use_tls:
            made = self.loop.create_connection(lambda: conversation, sock=self.sock)
            self.transport, self.protocol = (await made)[0], conversation
            return
        self.protocol = conversation
        tls = self._tls_below(conversation, conversation.connection_made)
        try:
            below = (await self.loop.create_connection(lambda: tls, sock=self.sock))[0]
            await self._shake_hands(tls, below)
        except OSError as error:
            if refused := refusal_in(self.sock.first):
                raise refused from error
            raise

    async def upgrade(self) -> None:
        """Ask for TLS, and begin it (RFC 3207); what was said before is forgotten.

        Raises:
            SMTPResponseException: It is refused.
            SMTPServerDisconnected, OSError: There is no TLS, for another cause.
        """
        conversation = self._conversation
        assert conversation is not None
        reply = await conversation.execute_command(b"STARTTLS", timeout=self.timeout)
        if reply.code != READY:
            raise aiosmtplib.SMTPResponseException(reply.code, reply.message)
        below = self.transport
        if not isinstance(below, asyncio.Transport) or below.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        conversation.forget()
        await self._shake_hands(self._tls_below(conversation, conversation.secured), below)
        self._reset_server_state()

    def _tls_below(self, conversation: Conversation, secured: Callable[[Tls], None]) -> Tls:
        assert self.tls_context is not None
        assert self.hostname is not None
        return Tls(conversation, self.tls_context, self.hostname, secured)

    async def _shake_hands(self, tls: Tls, below: asyncio.Transport) -> None:
        assert self.timeout is not None
        self.transport = tls
        await tls.shake_hands(below, self.timeout)

    async def leave(self) -> None:
        """Leave this loop between two commands, as `Tls.leave` does; `sock` is another from here on.

        Raises:
            SMTPServerDisconnected, OSError: The connection was lost.
        """
        assert isinstance(self.sock, Meter)
        if not isinstance(self.transport, Tls):
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self.sock = self.transport.leave(self.sock)

    async def arrive(self) -> None:
        """Go on on this loop."""
        tls, earlier, double = self.transport, self._conversation, self.sock
        assert isinstance(tls, Tls)
        assert isinstance(double, Meter)
        assert earlier is not None
        self.loop = asyncio.get_running_loop()
        self.protocol = self._conversation = Conversation(self.loop, self._lost)
        self._conversation.go_on(tls, earlier.unread)
        await tls.arrive(double, self._conversation)

    @property
    def refusal(self) -> ssl.SSLError | None:
        """The alert of TLS that ended the conversation, if one did."""
        return self._conversation.refusal if self._conversation else None

    async def read_greeting(self) -> None:
        """Read the greeting."""
        assert self._conversation is not None
        greeting = await self._conversation.read_response(self.timeout)
        if greeting.code != READY:
            raise aiosmtplib.SMTPConnectResponseError(greeting.code, greeting.message)

    def say(self, *commands: str) -> Callable[[], Awaitable[aiosmtplib.SMTPResponse]]:
        """Send commands, in one piece where the server takes that, and return the reader of replies.

        Each call of the reader waits for the reply to the next command.

        Raises:
            ValueError: A command has a line break.

        Source: RFC 2920, section 3.1.
        """
        if any("\r" in command or "\n" in command for command in commands):
            raise ValueError("a command must be one line")
        conversation = self._conversation
        assert conversation is not None
        lines = deque(f"{command}\r\n".encode("ascii") for command in commands)
        if self.supports_extension("pipelining"):
            conversation.pipeline(b"".join(lines), len(lines))
            lines.clear()

        async def reply() -> aiosmtplib.SMTPResponse:
            if lines:
                conversation.write(lines.popleft())
            return await conversation.read_response(self.timeout)

        return reply

    @property
    def has_unread(self) -> bool:
        """Say whether the server said something that nobody has read."""
        return self._conversation is not None and bool(self._conversation.unread)

    @property
    def is_over(self) -> bool:
        """Say whether the connection is no more, though its last words may be unread."""
        return not self.is_connected or (isinstance(self.sock, Meter) and self.sock.is_over)

    def renew(self) -> None:
        """Begin the next message of a session: what the server may say is bounded for each."""
        if isinstance(self.sock, Meter):
            self.sock.renew()

    async def transmit(self, piece: bytes, seconds: float) -> None:
        """Write a piece of a message, and wait until most of it is taken; raises as `drain` does."""
        assert self._conversation is not None
        self._conversation.pipeline(piece)
        await self._conversation.drain(seconds)

    async def read_reply(self, seconds: float) -> aiosmtplib.SMTPResponse:
        """Read the next reply, whatever it answers."""
        assert self._conversation is not None
        return await self._conversation.read_response(seconds)

    def close(self) -> None:
        """Cut the connection."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
        super().close()

    def _lost(self, conversation: SMTPProtocol) -> None:
        if conversation is self.protocol:
            self.close()
