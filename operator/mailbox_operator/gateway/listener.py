"""Listens for applications on two ports, and ends without losing what is under way."""

import asyncio
import logging
import ssl
from dataclasses import dataclass, field
from functools import partial

from mailbox_operator.gateway.connection import Connection
from mailbox_operator.gateway.house import House
from mailbox_operator.serving import listen

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Listener:
    """The one owner of sockets.

    A handshake holds the loop for about a millisecond, so this needs no thread of its own.

    Attributes:
        house: What all connections share.
    """

    house: House
    _servers: list[asyncio.Server] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.house.doors)

    async def start(self, address: str, port: int, tls_port: int) -> tuple[int, int]:
        """Listen at an address.

        Args:
            address: `::` is every address, of IPv6 and of IPv4.
            port: For STARTTLS; 0 takes a free one.
            tls_port: For TLS from the beginning; 0 takes a free one.

        Returns:
            The two ports.

        Raises:
            ListenError: There is no such address here, or somebody else listens there.
        """
        for number, is_tls in ((port, False), (tls_port, True)):
            connection = partial(Connection, self.house, is_tls=is_tls)
            waiting = self.house.bounds.connections
            self._servers.append(await listen(connection, address, number, waiting))
        first, second = (server.sockets[0].getsockname()[1] for server in self._servers)
        log.info("the gateway listens", extra={"port": first, "tls_port": second})
        return first, second

    def use(self, context: ssl.SSLContext) -> None:
        """Take another certificate; connections that are open keep theirs."""
        self.house.context = context

    async def stop(self) -> None:
        """Take no more connections and messages, and end when those under way have their reply.

        Those that take longer than `ending_seconds` are cut off, without a reply.
        """
        self.house.is_closing = True
        for server in self._servers:
            server.close()
        for connection in list(self.house.connections):
            connection.leave()
        try:
            async with asyncio.timeout(self.house.bounds.ending_seconds):
                await self.house.emptied()
        except TimeoutError:
            log.warning("messages are cut off", extra={"connections": len(self.house.connections)})
        await self.house.abandon()
        self._servers.clear()
