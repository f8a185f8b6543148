"""A raw connection to a gateway, for what no client would do."""

import asyncio
import base64
import ssl
from dataclasses import dataclass
from typing import Final, Self

from system.gateway.gates import HOST, PASSWORD, USERNAME, Gateway

PATIENCE: Final = 20.0
ENVELOPE: Final = b"MAIL FROM:<noreply@acme.example>\r\nRCPT TO:<jane@other.example>\r\nDATA\r\n"


def login(username: str = USERNAME, password: str = PASSWORD) -> bytes:
    """Say EHLO and log in."""
    return b"EHLO app\r\nAUTH PLAIN %b\r\n" % base64.b64encode(f"\0{username}\0{password}".encode())


@dataclass(slots=True)
class Wire:
    """A connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def plain(cls, gateway: Gateway) -> Self:
        """Connect to the port of STARTTLS."""
        return cls(*await gateway.connect(gateway.port))

    @classmethod
    async def secure(cls, gateway: Gateway, trust: ssl.SSLContext | None = None) -> Self:
        """Connect to the port of TLS, and read the greeting."""
        wire = cls(*await gateway.connect(gateway.tls_port, trust or gateway.trust))
        await wire.reply()
        return wire

    @classmethod
    async def logged_in(cls, gateway: Gateway, username: str = USERNAME) -> Self:
        """Connect by TLS and log in."""
        wire = await cls.secure(gateway)
        wire.send(login(username))
        while (await wire.reply()) != "235":
            pass
        return wire

    def send(self, data: bytes) -> None:
        """Write bytes."""
        self.writer.write(data)

    async def line(self) -> str:
        """Read a line; empty at the end."""
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readline()).decode().rstrip()

    async def reply(self) -> str:
        """Read a reply, and return its code; empty at the end."""
        while (line := await self.line())[3:4] == "-":
            pass
        return line[:3]

    async def asks(self, data: bytes) -> str:
        """Write bytes and read a reply."""
        self.send(data)
        return await self.reply()

    async def begin_message(self) -> None:
        """Say all that comes before a message."""
        self.send(ENVELOPE)
        while await self.reply() != "354":
            pass

    async def rest(self) -> bytes:
        """Read until the end."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def upgrade(self, gateway: Gateway) -> None:
        """Begin TLS, after the reply to STARTTLS."""
        async with asyncio.timeout(PATIENCE):
            await self.writer.start_tls(gateway.trust, server_hostname=HOST)

    def close(self) -> None:
        """Go."""
        self.writer.transport.abort()
