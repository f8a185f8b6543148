"""Ports of the loopback that nobody uses."""

import random
import socket
from typing import Final

# Below every system's ephemeral range: there, while a server is down for a restart, the kernel
# could lend its port to a client, or connect a client that knocks to itself.
RANGE: Final = range(10_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Find distinct free ports. Nobody else should take them, and nobody is kept from it."""
    candidates = random.SystemRandom().sample(RANGE, len(RANGE))
    free = (port for port in candidates if is_free(port))
    return [next(free) for _ in range(count)]


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
