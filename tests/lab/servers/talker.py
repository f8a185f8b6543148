"""A server on a thread of its own that says what it likes to one client."""

import contextlib
import socket
from collections.abc import Callable, Iterator
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
