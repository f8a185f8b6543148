"""Bounds what asyncio keeps in memory for each connection with TLS."""

from asyncio.sslproto import SSLProtocol
from typing import Final

RECORD_BYTES: Final = 16 * 1024
"""Of a connection's buffer: the most that a record of TLS holds (RFC 8446, section 5.1)."""


def bound_tls_buffers() -> None:
    """Have every connection from now on keep a buffer of 16 KiB.

    asyncio gives each 256 KiB when it is made, and zeroes them, so that they are in memory: more than
    all else that a connection takes.
    """
    SSLProtocol.max_size = RECORD_BYTES
