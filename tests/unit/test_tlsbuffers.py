"""A connection with TLS takes little memory."""

import asyncio
import socket
import ssl
import tracemalloc
from asyncio.sslproto import SSLProtocol
from collections.abc import Iterator

import pytest

from mailbox_operator.tlsbuffers import bound_tls_buffers

CONNECTIONS = 10


@pytest.fixture(autouse=True)
def buffers() -> Iterator[None]:
    """Leave asyncio as it was."""
    before = SSLProtocol.max_size
    yield
    SSLProtocol.max_size = before


async def taken() -> int:
    """Return the bytes that each of some connections takes, whose handshake has begun."""
    loop, context = asyncio.get_running_loop(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pairs = [socket.socketpair() for _ in range(CONNECTIONS)]
    tracemalloc.start()
    begun = [
        asyncio.ensure_future(loop.connect_accepted_socket(asyncio.Protocol, near, ssl=context))
        for near, _ in pairs
    ]
    await asyncio.wait(begun, timeout=0)
    await asyncio.wait(begun, timeout=0)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for _, far in pairs:
        far.close()
    await asyncio.gather(*begun, return_exceptions=True)
    return size // CONNECTIONS


async def test_a_connection_with_tls_takes_less_than_asyncio_would_give_it() -> None:
    before = await taken()

    bound_tls_buffers()

    assert before - await taken() > 150 * 1024
