"""What a mail server may say at the most: bytes, pieces and lines.

aiosmtplib reads a reply from its beginning at each piece, so a reply of thousands of lines, each sent
by itself, costs seconds of processor.
"""

import asyncio
import re
import ssl
from typing import Final

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

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

    def secured(self, transport: asyncio.BaseTransport) -> None:
        """Go on over TLS."""
        self.transport = transport

    def go_on(self, transport: asyncio.BaseTransport, unread: bytes) -> None:
        """Take over between two commands: what comes in now is kept, and nothing is awaited."""
        self.connection_made(transport)
        self._response_pending, self._pipelined = False, True
        self._buffer.extend(unread)

    @property
    def _is_awaited(self) -> bool:
        """Say whether the library takes what comes in; what nobody awaits it drops."""
        waiter = self._response_waiter
        return self._response_pending and waiter is not None and not waiter.done()

    @property
    def _most_lines(self) -> int:
        return MOST_REPLY_LINES + MOST_LINES_TOGETHER * self._outstanding

    @property
    def unread(self) -> bytes:
        """What came in, and nobody has read."""
        return bytes(self._buffer)

    def forget(self) -> None:
        """Drop what came in plain text: somebody in between may have written it (RFC 3207)."""
        self._buffer.clear()

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
