"""A forward proxy as companies have it: CONNECT (RFC 9110 section 9.3.6), with or without a login.

It can also do what such proxies do besides: refuse, and open up the TLS that passes.
"""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

CHUNK: Final = 65_536
WANTS_LOGIN: Final = b'Proxy-Authenticate: Basic realm="proxy"\r\n'


@dataclass(slots=True)
class Proxy:
    """What a proxy does, and what it saw.

    Attributes:
        login: `user:password` that it wants; empty if it takes anybody.
        refusal: HTTP status of its answer to every CONNECT; 0 to let them through.
        inspects: The TLS side that it shows to clients in place of the server's; None to tunnel.
        trusts: Whom it trusts where it inspects.
        routes: Where it goes for targets that nobody else reaches.
        asked: The targets of all CONNECT requests, refused ones included.
        url: Where it is.
    """

    login: str = ""
    refusal: int = 0
    inspects: ssl.SSLContext | None = None
    trusts: ssl.SSLContext | None = None
    routes: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def running(
        self, context: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> AsyncIterator["Proxy"]:
        """Run it as long as the block lasts; spoken to by TLS if a context is given."""
        scheme = "https" if context else "http"
        server = await asyncio.start_server(self._accept, host, port, ssl=context)
        self.url = f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def with_login(self, login: str) -> str:
        """Return its address with credentials."""
        return self.url.replace("://", f"://{login}@")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, EOFError, ssl.SSLError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        _, target, _ = head.splitlines()[0].split(" ")
        self.asked.append(target)
        if not self._is_known(head):
            await _answer(writer, 407, WANTS_LOGIN)
        elif self.refusal:
            await _answer(writer, self.refusal)
        else:
            await self._forward(target, reader, writer)

    def _is_known(self, head: str) -> bool:
        expected = base64.b64encode(self.login.encode()).decode()
        return not self.login or f"proxy-authorization: basic {expected}".lower() in head.lower()

    async def _forward(
        self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host, _, port = self.routes.get(target, target).rpartition(":")
        tls = self.trusts if self.inspects else None
        there, out = await asyncio.open_connection(host, int(port), ssl=tls)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        try:
            if self.inspects is not None:
                await writer.start_tls(self.inspects)
            await asyncio.wait(
                [
                    asyncio.create_task(_pumped(reader, out)),
                    asyncio.create_task(_pumped(there, writer)),
                ]
            )
        finally:
            out.close()


async def _answer(writer: asyncio.StreamWriter, status: int, more: bytes = b"") -> None:
    page = b"<html>Access denied</html>"
    head = b"HTTP/1.1 %d Refused\r\n%sContent-Length: %d\r\n\r\n" % (status, more, len(page))
    writer.write(head + page)
    await writer.drain()


async def _pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes until it ends."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while part := await reader.read(CHUNK):
            writer.write(part)
            await writer.drain()
    writer.close()
