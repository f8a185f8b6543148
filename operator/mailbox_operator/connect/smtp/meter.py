"""A connected socket that counts what a mail server sends, and hears the last it said."""

import os
import socket
from collections.abc import Iterable
from typing import Any, Final

MOST_SESSION_BYTES: Final = 256 * 1024
"""Of a session, TLS included: OpenSSL takes certificates of 100 KB, and a reply has 32 KB."""

MOST_FIRST: Final = 512
"""Of the beginning, which is kept; a reply of one line has no more (RFC 5321, section 4.5.3.1.5)."""

MOST_PIECES: Final = 2_000


class FloodError(ConnectionError):
    """A server sends more than any mail server has to say."""


class Meter(socket.socket):
    """A connected socket that counts what comes in, and gives up when it is too much.

    It counts where the event loop receives by the socket, as asyncio's does. uvloop reads the
    descriptor itself: this bound would be gone, and `first` empty.

    A server that refuses and hangs up while something is on its way to it resets the connection. An
    event loop that writes next would drop the refusal unread, so a write to such a connection passes
    for done: what the server said is read, then the end.

    Attributes:
        first: The beginning of what came in.
        is_over: Whether something was written to a connection that was no more.
    """

    def __init__(self, dialled: socket.socket) -> None:
        """Take over a connected socket."""
        super().__init__(fileno=dialled.detach())
        self.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self.first = b""
        self.is_over = False
        self._bytes = 0
        self._pieces = 0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive as a socket does.

        Raises:
            FloodError: It was too much.
        """
        received = super().recv(size, flags)
        self._count(len(received), received)
        return received

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> int:
        """Receive as a socket does; raises as `recv`."""
        received = super().recv_into(buffer, size, flags)
        self._count(received, buffer)
        return received

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send as a socket does, and note the end of the connection instead of raising it."""
        try:
            return super().send(data, flags)
        except ConnectionError:
            self.is_over = True
            return memoryview(data).nbytes

    def sendmsg(self, buffers: Iterable[Any], /, *args: Any) -> int:
        """Send as `send` does."""
        parts = list(buffers)
        try:
            return super().sendmsg(parts, *args)
        except ConnectionError:
            self.is_over = True
            return sum(memoryview(part).nbytes for part in parts)

    def doubled(self) -> "Meter":
        """Make another socket of the same connection, with nothing counted; the caller closes both.

        Raises:
            OSError: The connection is closed.
        """
        return Meter(socket.socket(fileno=os.dup(self.fileno())))

    def renew(self) -> None:
        """Count from nothing: a session that lasts has a bound for each message."""
        self._bytes = self._pieces = 0

    def _count(self, received: int, buffer: Any) -> None:
        if len(self.first) < MOST_FIRST:
            end = min(received, MOST_FIRST - len(self.first))
            self.first += bytes(memoryview(buffer)[:end])
        self._bytes += received
        self._pieces += 1
        if self._bytes > MOST_SESSION_BYTES or self._pieces > MOST_PIECES:
            raise FloodError("the server sends too much")
