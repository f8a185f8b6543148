"""A server of TLS from its first byte that accepts every login, and then says what it likes."""

import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from lab.servers.talker import talking_beside

EHLO: Final = b"250-mail.test\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n"
ACCEPTED: Final = b"235 2.7.0 welcome\r\n"

Talk = Callable[[ssl.SSLSocket], None]


def welcoming(
    context: ssl.SSLContext, then: Talk, accepted: bytes = ACCEPTED
) -> AbstractAsyncContextManager[int]:
    """Run one as long as the block lasts, or until the client hangs up; tells the port.

    Args:
        context: Its certificate.
        then: What it says to a client that is logged in.
        accepted: Its reply to the login, and what comes with that.
    """

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.sendall(b"220 mail.test\r\n")
            for reply in (EHLO, accepted):
                secured.recv(1000)
                secured.sendall(reply)
            then(secured)
            while secured.recv(1000):
                pass

    return talking_beside(talk)
