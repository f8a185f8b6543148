"""A TLS server without asyncio, whose servers hang up instead of saying why a handshake failed."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from threading import Thread


@contextlib.contextmanager
def shaking_hands(context: ssl.SSLContext, *, starttls: bool) -> Iterator[int]:
    """Shake hands with one client, or tell it by an alert why not; tells the port on 127.0.0.1.

    A second client is refused at once.
    """

    def serve() -> None:
        with contextlib.suppress(OSError), listening.accept()[0] as connection:
            listening.close()
            connection.settimeout(5)
            if starttls:
                connection.sendall(b"220 mail.test\r\n")
                for word in (b"250-mail.test\r\n250 STARTTLS\r\n", b"220 Go ahead\r\n"):
                    connection.recv(1024)
                    connection.sendall(word)
            with context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            ) as secret:
                with contextlib.suppress(ssl.SSLError):
                    secret.do_handshake()
                    secret.recv(1024)
                while socket.socket.recv(secret, 1024):  # what is left unread would undo the alert
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        thread = Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()
