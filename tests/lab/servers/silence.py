"""Ports where nobody answers."""

import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def black_hole(host: str = "127.0.0.1") -> Iterator[int]:
    """Give a port that lets no connection through: its queue is full and stays so."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server((host, 0), family=family, backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket(family))
            waiting.settimeout(0)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def closed_port(host: str = "127.0.0.1") -> int:
    """Find a port that refuses connections."""
    with socket.create_server((host, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
