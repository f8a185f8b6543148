"""The handshake of TLS, on the gateway's side."""

import asyncio
import ssl
from typing import Final

CLOSING_SECONDS: Final = 5.0


async def upgraded(
    transport: asyncio.Transport,
    protocol: asyncio.Protocol,
    context: ssl.SSLContext,
    handshake_seconds: float,
) -> asyncio.Transport | None:
    """Begin TLS as the server; None if that failed, and then the connection is closed.

    The protocol may get bytes, decrypted, before this returns the transport to answer by.
    """
    try:
        return await asyncio.get_running_loop().start_tls(
            transport,
            protocol,
            context,
            server_side=True,
            ssl_handshake_timeout=handshake_seconds,
            ssl_shutdown_timeout=CLOSING_SECONDS,
        )
    except OSError:
        transport.abort()
        return None
