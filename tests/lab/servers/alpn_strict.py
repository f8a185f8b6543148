"""A TLS port that is as strict about ALPN (RFC 7301) as Exim and nginx are: no HTTP here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from lab.servers.smtp import SmtpServer

HTTP: Final = b"\x08http/1.1"
NO_APPLICATION_PROTOCOL: Final = bytes((0x15, 3, 3, 0, 2, 2, 120))
PIECE: Final = 65_536


@asynccontextmanager
async def alpn_strict(server: SmtpServer) -> AsyncIterator[int]:
    """Stand before a TLS server and turn away who offers HTTP; tells the port on 127.0.0.1."""
    sessions = set[asyncio.Task[None]]()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(PIECE)
        if HTTP in hello:
            writer.write(NO_APPLICATION_PROTOCOL)
            await writer.drain()
        else:
            inner_reader, inner = await asyncio.open_connection(server.host, server.port)
            inner.write(hello)
            await asyncio.gather(_pass_on(reader, inner), _pass_on(inner_reader, writer))
        writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.create_task(meet(reader, writer))
        sessions.add(session)

    front = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield front.sockets[0].getsockname()[1]
    finally:
        front.close()
        await asyncio.gather(*sessions, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
    writer.close()
