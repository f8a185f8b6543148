"""TLS between a connection and what is said over it, which may go on on another event loop.

asyncio's own stays on the loop that shook hands. A handshake is the server's choice of work, so it is
made where nobody else waits; what comes after it costs little, and a change of threads for each message
would cost more than all of its encryption.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final, cast

from mailbox_operator.connect.smtp.meter import Meter
from mailbox_operator.tlsbuffers import RECORD_BYTES

LOST: Final = "the connection was lost during the handshake"


class Tls(asyncio.Transport, asyncio.BufferedProtocol):
    """Encrypts what a protocol writes, and decrypts what the other side sends to it.

    It hangs up at once, without a farewell that a hostile server could draw out.

    Args:
        above: The protocol that hears what is decrypted, and of the end of the connection.
        context: Whom to believe.
        server_name: Whose certificate the other side must show.
        secured: Called when the handshake is made, before anything is decrypted.

    Raises:
        ValueError: The name cannot be one of a server.
    """

    def __init__(
        self,
        above: asyncio.Protocol,
        context: ssl.SSLContext,
        server_name: str,
        secured: Callable[["Tls"], None],
    ) -> None:
        super().__init__()
        self._above, self._secured = above, secured
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._ssl = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._extra = {"sslcontext": context, "ssl_object": self._ssl}
        self._buffer = memoryview(bytearray(RECORD_BYTES))
        self._below: asyncio.Transport | None = None
        self._shaken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._trouble: Exception | None = None
        self._is_established = self._is_over = False

    async def shake_hands(self, below: asyncio.Transport, seconds: float) -> None:
        """Make the handshake over a connection that was read as far as TLS begins.

        Raises:
            ssl.SSLError: It failed.
            TimeoutError: It took longer.
            OSError: The connection was lost.
        """
        self._below = below
        below.set_protocol(self)
        try:
            async with asyncio.timeout(seconds):
                self._step()
                await self._shaken
        except BaseException:
            self.abort()
            raise

    def leave(self, connected: Meter) -> Meter:
        """Leave this loop; the connection is another socket from here on, which nobody reads yet.

        Raises:
            OSError: The connection was lost.
        """
        double, below = connected.doubled(), self._below
        self._below = None
        if below is not None:
            below.set_protocol(asyncio.Protocol())
            below.abort()
        return double

    async def arrive(self, double: Meter, above: asyncio.Protocol) -> None:
        """Go on on this loop, with another protocol above."""
        self._above = above
        await asyncio.get_running_loop().create_connection(lambda: self, sock=double)

    def _step(self) -> None:
        """Go on with the handshake."""
        if self._shaken.done():
            return
        try:
            self._ssl.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError as error:
            self._end_handshake(error)
            self._flush()  # an alert says why
        else:
            self._flush()
            self._is_established = True
            self._shaken.set_result(None)
            self._secured(self)
            self._read()

    # what the connection below tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection over."""
        self._below = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on that the connection is no more, and why."""
        self._is_over = True
        self._end_handshake(exc or ConnectionResetError(LOST))
        self._above.connection_lost(self._trouble or exc)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Lend the buffer that is read into."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Decrypt what came in."""
        self._incoming.write(self._buffer[:nbytes])
        if self._is_established:
            self._read()
        else:
            self._step()

    def eof_received(self) -> bool:
        """Pass on that nothing more comes, and close."""
        if self._is_established:
            self._above.eof_received()
        self._end_handshake(ConnectionResetError(LOST))
        return False

    def pause_writing(self) -> None:
        """Pass on that the other side does not read."""
        self._above.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that it does again."""
        self._above.resume_writing()

    # what the protocol above asks for

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send."""
        if self._is_over:
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._ssl.write(rest) :]
        except ssl.SSLError as error:
            self._fail(error)
        self._flush()

    def is_closing(self) -> bool:
        """Say whether nothing more is sent."""
        return self._is_over

    def close(self) -> None:
        """Hang up."""
        self.abort()

    def abort(self) -> None:
        """Hang up."""
        self._is_over = True
        if self._below is not None:
            self._below.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Tell of TLS, or of the connection below."""
        if name in self._extra:
            return self._extra[name]
        return default if self._below is None else self._below.get_extra_info(name, default)

    # between the two

    def _read(self) -> None:
        """Hand on what can be decrypted."""
        pieces = list[bytes]()
        trouble: ssl.SSLError | None = None
        is_at_end = False
        try:
            while not is_at_end and (self._incoming.pending or self._ssl.pending()):
                piece = self._ssl.read(RECORD_BYTES)
                is_at_end = not piece
                pieces.append(piece)
        except ssl.SSLWantReadError:
            pass  # a part of a record
        except ssl.SSLError as error:
            trouble = error
        self._flush()
        if (data := b"".join(pieces)) and not self._is_over:
            self._above.data_received(data)
        if trouble is not None:
            self._fail(trouble)
        elif is_at_end and not self._is_over:
            self._above.eof_received()
            self.abort()

    def _flush(self) -> None:
        if self._outgoing.pending and self._below is not None:
            self._below.write(self._outgoing.read())

    def _fail(self, trouble: ssl.SSLError) -> None:
        self._trouble = self._trouble or trouble
        self.abort()

    def _end_handshake(self, error: Exception) -> None:
        if not self._shaken.done():
            self._shaken.set_exception(error)
            self._shaken.exception()  # taken note of, if nobody waits for it any more
