"""Bounds what asyncio keeps in memory for each connection with TLS."""

from asyncio.sslproto import SSLProtocol
from typing import Final

PIECE_BYTES: Final = 32 * 1024
"""Of a connection's buffer; a record of TLS has 16 KiB at the most."""


def bound_tls_buffers() -> None:
    """Have every connection from now on keep a buffer of 32 KiB.

    asyncio gives each 256 KiB when it is made, and zeroes them, so that they are in memory: more than
    all else that a connection takes.
    """
    SSLProtocol.max_size = PIECE_BYTES
