"""A server on a thread of its own that says what it likes to one client."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from threading import Thread
from typing import Final

LIMIT_SECONDS: Final = 30

Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """Run one as long as the block lasts, or until the client hangs up; tells the port."""

    def serve() -> None:
        connection, _ = listening.accept()
        listening.close()  # a second client is refused at once, and does not wait in line
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(LIMIT_SECONDS)
            talk(connection)
            while connection.recv(100):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(LIMIT_SECONDS)
        thread = Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


@contextlib.asynccontextmanager
async def talking_beside(talk: Talk) -> AsyncIterator[int]:
    """Run one for a client on the caller's loop, which has its turns until it has hung up."""
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(talking(talk))
        await asyncio.to_thread(stack.close)
