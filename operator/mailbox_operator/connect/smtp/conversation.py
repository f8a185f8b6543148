"""What a mail server may say at the most: bytes, pieces and lines.

aiosmtplib reads a reply from its beginning at each piece, so a reply of thousands of lines, each sent
by itself, costs seconds of processor.
"""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from mailbox_operator.connect.smtp.meter import Meter

MOST_REPLY_LINES: Final = 100
"""Of one reply; the longest EHLO in use has about twenty."""

MOST_LINES_TOGETHER: Final = 5
"""Of each further reply that comes together with one; Google writes four lines about a recipient."""

REFUSAL: Final = re.compile(r"([45]\d\d)[ -]", re.ASCII)
READY: Final = 220
NO_REPLY: Final = -1
"""The code that the library gives to what is no reply of SMTP."""


def refusal_in(first: bytes) -> aiosmtplib.SMTPConnectResponseError | None:
    """Read what a server says in plain text where TLS was to begin; None unless it is a refusal.

    Exim turns clients away so that come when it has too many, or from an address that it does not like.
    """
    said = first.decode("utf-8", "surrogateescape")
    found = REFUSAL.match(said)
    if found is None:
        return None
    lines = (line[4:] for line in said.splitlines() if line.startswith(found[1]))
    return aiosmtplib.SMTPConnectResponseError(int(found[1]), "\n".join(lines))


class Conversation(SMTPProtocol):
    """Reads replies, each of a bounded number of lines.

    Attributes:
        refusal: The alert of TLS that ended it, which a server of TLS 1.3 sends after the handshake.
    """

    refusal: ssl.SSLError | None = None
    _lines = 0
    _outstanding = 0
    _pipelined = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep what the library drops where nobody waits for a reply."""
        self.refusal = exc if isinstance(exc, ssl.SSLError) else None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a piece; at one line too many the connection is cut.

        The replies to what was sent together come together: the first of them still count then.
        """
        self._lines += data.count(b"\n")
        flooded = self._lines > self._most_lines
        if self._pipelined and not self._is_awaited:
            self._buffer.extend(data)
        elif self._pipelined or not flooded:
            super().data_received(data)
        if flooded and isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    @property
    def _is_awaited(self) -> bool:
        """Say whether the library takes what comes in; what nobody awaits it drops."""
        waiter = self._response_waiter
        return self._response_pending and waiter is not None and not waiter.done()

    @property
    def _most_lines(self) -> int:
        return MOST_REPLY_LINES + MOST_LINES_TOGETHER * self._outstanding

    @property
    def has_kept(self) -> bool:
        """Say whether something came in that nobody has read."""
        return bool(self._buffer)

    def pipeline(self, commands: bytes, number: int = 0) -> None:
        """Write in one piece what so many replies answer; they are kept until they are read."""
        self._pipelined = True
        self._outstanding += number
        self.write(commands)

    async def drain(self, seconds: float) -> None:
        """Wait until the other side has taken most of what was written.

        Raises:
            TimeoutError: It does not in time.
            ConnectionError: The connection was lost.
        """
        if self._paused:
            async with asyncio.timeout(seconds):
                await self._drain_helper()

    async def read_response(self, timeout: float | None = None) -> aiosmtplib.SMTPResponse:
        """Return the next reply; raises as the library does, also where it has too many bytes.

        The library's own way to limit the time takes twice the processor of this timer.
        """
        timer = None
        try:
            if self._pipelined and (kept := self._read_response_from_buffer()) is not None:
                return kept
            if timeout is not None:
                timer = self._loop.call_later(timeout, self._give_up)
            return await super().read_response()
        except aiosmtplib.SMTPServerDisconnected as error:
            if self._lines > MOST_REPLY_LINES:
                raise aiosmtplib.SMTPResponseException(NO_REPLY, "Response too long") from error
            raise
        finally:
            self._lines, self._outstanding = 0, max(0, self._outstanding - 1)
            if timer is not None:
                timer.cancel()

    def _give_up(self) -> None:
        waiter = self._response_waiter
        if waiter is not None and not waiter.done():
            late = aiosmtplib.SMTPReadTimeoutError("No reply in time")
            self._set_response_exception(waiter, late)


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
        conversation = Conversation(self.loop, self._lost)
        tls: dict[str, Any] = {}
        if self.use_tls:
            tls = {"ssl": self.tls_context, "server_hostname": self.hostname}
        self._conversation = conversation
        made = self.loop.create_connection(lambda: conversation, sock=self.sock, **tls)
        try:
            self.transport, self.protocol = (await made)[0], conversation
        except OSError as error:
            if isinstance(self.sock, Meter) and (refused := refusal_in(self.sock.first)):
                raise refused from error
            raise

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
        return self._conversation is not None and self._conversation.has_kept

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
