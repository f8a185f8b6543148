"""A web application behind the bounds of the operator's ports, and peers that misbehave."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp import web

from lab.controlplane.ports import free_ports
from mailbox_operator.serving import Bounds, serve

LOOPBACK: Final = "127.0.0.1"
GET: Final = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Peers:
    """Those who connect to a port and keep their connections, each from an address of the loopback."""

    port: int
    held: list[socket.socket] = field(default_factory=list)

    async def open(self, sent: bytes = b"", address: str = LOOPBACK) -> socket.socket:
        """Connect and send; nothing is read."""
        made = socket.socket()
        self.held.append(made)
        made.settimeout(0)
        made.bind((address, 0))
        loop = asyncio.get_running_loop()
        await loop.sock_connect(made, (LOOPBACK, self.port))
        with suppress(ConnectionError):
            await loop.sock_sendall(made, sent)
        return made

    async def flood(
        self, count: int, sent: bytes = b"", address: str = LOOPBACK
    ) -> list[socket.socket]:
        """Open many connections."""
        return [await self.open(sent, address) for _ in range(count)]

    def close(self) -> None:
        """Close what is open."""
        for each in self.held:
            each.close()


async def is_closed(peer: socket.socket) -> bool:
    """Wait until the server closes a connection; whatever it still sends is dropped."""
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError):
        while await loop.sock_recv(peer, 65_536):
            pass
    return True


async def are_closed(peers: list[socket.socket], within: float = 20) -> int:
    """Count the connections that the server closes in time."""
    waiting = [asyncio.create_task(is_closed(each)) for each in peers]
    done, pending = await asyncio.wait(waiting, timeout=within)
    for each in pending:
        each.cancel()
    return len(done)


async def drip(peer: socket.socket) -> bool:
    """Send a byte at a time until the server closes."""
    with suppress(ConnectionError):
        while True:
            await asyncio.get_running_loop().sock_sendall(peer, b"x")
            await asyncio.sleep(0.1)
    return True


async def answer_of(peer: socket.socket, within: float = 20) -> bytes:
    """Read what the server answers before it closes."""
    loop, found = asyncio.get_running_loop(), b""
    async with asyncio.timeout(within):
        with suppress(ConnectionError):
            while part := await loop.sock_recv(peer, 65_536):
                found += part
    return found


@asynccontextmanager
async def serving(
    app: web.Application, bounds: Bounds, port: int | None = None, address: str = LOOPBACK
) -> AsyncIterator[Peers]:
    """Serve as the operator does, as long as the block lasts; yields those who may connect."""
    port = port or free_ports(1)[0]
    task = asyncio.create_task(serve(app, address, port, bounds))
    try:
        await _listens(port, task)
        peers = Peers(port)
        try:
            yield peers
        finally:
            peers.close()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listens(port: int, task: asyncio.Task[None]) -> None:
    async with asyncio.timeout(20):
        while not task.done():
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            return
    task.result()


async def asked(port: int, path: str = "/healthz", host: str = LOOPBACK) -> tuple[int, bytes]:
    """Ask as a probe does, by a connection of its own."""
    url = f"http://{host}:{port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.read()
