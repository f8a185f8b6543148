"""Serves HTTP to peers that nobody vouches for: every connection is bounded in bytes and in time.

aiohttp waits for a request as long as the peer likes, reads as much as it sends, and writes to a peer
that does not read. Here a connection that is overdue is cut off, and a new one always gets in: for it
the peer that has most connections loses the one that has been still for the longest time. So nobody
who fills a port keeps the kubelet's probes out.
"""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from aiohttp import web

from mailbox_operator.decide.sharing.crowd import Crowd

LINGER_SECONDS: Final = 1.0
"""How long the rest of a body is read and dropped, so that the answer is not lost."""

EVERY_ADDRESS: Final = "::"
"""Of IPv6 and of IPv4."""

IPV6_SITE: Final = 64
"""Who has one IPv6 address has all of its network (RFC 6177)."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)
quiet = logging.Logger("http", logging.CRITICAL)  # noqa: LOG001 - in no tree, so nothing is set up
"""aiohttp logs a traceback for every request that it cannot parse: a stranger would fill the log."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What peers may take.

    Attributes:
        connections: Open connections in all.
        connections_each: Open connections of one peer.
        headers_seconds: From the first byte of a request, or the connection, to its last header.
        seconds: From there until the answer is read and the next request begins.
        bytes: Of a request, headers and body together.
        headers: What every answer carries, errors of the protocol included.
    """

    connections: int = 128
    connections_each: int = 32
    headers_seconds: float = 10.0
    seconds: float = 25.0
    bytes: int = 16_384
    headers: Mapping[str, str] = field(default_factory=dict)


class ListenError(Exception):
    """Nothing can listen where the configuration says."""

    def __init__(self, address: str, port: int, number: int) -> None:
        super().__init__(f"cannot listen at {address}, port {port}: {os.strerror(number)}")


async def serve(
    app: web.Application, address: str, port: int, bounds: Bounds, message: str = "listening"
) -> None:
    """Serve until cancelled, and log where.

    Args:
        app: What is served.
        address: Where; `::` is every address, of IPv6 and of IPv4, of whichever the machine has.
        port: Where; 0 takes a free one.
        bounds: What peers may take.
        message: Of the log.

    Raises:
        ListenError: There is no such address here, or somebody else listens there.
    """
    app.middlewares.insert(0, _accompany)
    runner = web.AppRunner(app)
    await runner.setup()
    assert runner.server is not None
    server, crowd = runner.server, Crowd[Connection](bounds.connections, bounds.connections_each)
    loop = asyncio.get_running_loop()
    try:
        listening = await listen(lambda: Connection(server, loop, bounds, crowd), address, port)
        try:
            log.info(message, extra={"address": listening.sockets[0].getsockname()})
            await asyncio.Event().wait()
        finally:
            listening.close()
    finally:
        await runner.cleanup()


async def listen(
    connection: Callable[[], asyncio.Protocol], address: str, port: int, waiting: int = 100
) -> asyncio.Server:
    """Listen at an address, which may be `EVERY_ADDRESS`, and a port, which may be 0.

    Args:
        connection: Makes what serves one connection.
        address: Where.
        port: Where.
        waiting: Connections that the kernel keeps until they are served; it resets those beyond.

    Raises:
        ListenError: There is no such address here, or somebody else listens there.
    """
    where: dict[str, Any] = {"host": address, "port": port, "backlog": waiting}
    try:
        if address == EVERY_ADDRESS:
            where = {"sock": _everywhere(port), "backlog": waiting}
        listening = await asyncio.get_running_loop().create_server(connection, **where)
    except OSError as error:
        raise ListenError(address, port, error.errno or errno.EADDRNOTAVAIL) from error
    if not listening.sockets:  # asyncio passes over an address whose family the kernel lacks
        raise ListenError(address, port, errno.EAFNOSUPPORT)
    return listening


def _everywhere(port: int) -> socket.socket:
    """Bind to IPv6 and IPv4 at once, or to IPv4 alone where the kernel has no IPv6."""
    both = socket.has_dualstack_ipv6()
    if not both:  # as with ipv6.disable=1: sockets of the family are refused
        log.warning("no IPv6 on this node, listening on IPv4 alone", extra={"port": port})
    family = socket.AF_INET6 if both else socket.AF_INET
    return socket.create_server(("", port), family=family, dualstack_ipv6=both)


class Connection(web.RequestHandler):
    """A connection that cannot last longer, or take more, than its bounds allow."""

    __slots__ = ("_bounds", "_bytes", "_crowd", "_deadline", "_peer", "_reading")

    def __init__(
        self,
        server: web.Server,
        loop: asyncio.AbstractEventLoop,
        bounds: Bounds,
        crowd: Crowd["Connection"],
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            logger=quiet,
            access_log=None,  # type: ignore[arg-type] # aiohttp's own way to have none
            keepalive_timeout=bounds.seconds,
            lingering_time=LINGER_SECONDS,
            auto_decompress=False,
        )
        self._bounds, self._crowd = bounds, crowd
        self._deadline: asyncio.TimerHandle | None = None
        self._peer = ""
        self._bytes = 0
        self._reading = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the newcomer in, and cut off the connection that has to leave for it."""
        super().connection_made(transport)
        self._peer = peer_of(str((transport.get_extra_info("peername") or ("",))[0]))
        self._expect_within(self._bounds.headers_seconds)
        leaving = self._crowd.enter(self._peer, self)
        if leaving is not None:
            leaving.cut_off()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._crowd.leave(self._peer, self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a part of a request, or cut the peer off that sends too much."""
        if data and not self._reading:
            self._reading = True
            self._expect_within(self._bounds.headers_seconds)
        self._bytes += len(data)
        if self._bytes > self._bounds.bytes:
            self.cut_off()
            return
        super().data_received(data)

    def began(self) -> None:
        """Note that all headers of a request are there."""
        self._crowd.stir(self._peer, self)
        self._expect_within(self._bounds.seconds)

    def ended(self) -> None:
        """Note that a request has its answer; what comes from now on is another one."""
        self._bytes = 0
        self._reading = False

    def cut_off(self) -> None:
        """Close at once, whatever is under way."""
        transport = self.transport
        self.force_close()
        if transport is not None:
            transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no request, with the headers of every other answer."""
        response = super().handle_error(request, status, exc, message)
        response.headers.update(self._bounds.headers)
        return response

    def _expect_within(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(seconds, self.cut_off)


def peer_of(address: str) -> str:
    """Return what stands for the owner of an address: the address, or the /64 of an IPv6 one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> IPV6_SITE << IPV6_SITE))


@web.middleware
async def _accompany(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the connection when a request begins and when it has its answer."""
    connection: Any = request.protocol
    connection.began()
    try:
        return await handler(request)
    except (web.HTTPException, ConnectionError):
        raise
    except Exception:
        log.exception("HTTP request failed")
        return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
    finally:
        connection.ended()
