"""A TCP load balancer: each new connection goes to the next server that takes one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final, Self

CHUNK: Final = 65_536


@dataclass(slots=True)
class Balancer:
    """Spreads connections over ports of the loopback.

    Attributes:
        ports: Of the servers.
        port: Its own.
    """

    ports: Sequence[int]
    port: int = 0
    _turns: Iterator[int] = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._turns = cycle(self.ports)

    @classmethod
    @asynccontextmanager
    async def running(cls, *ports: int) -> AsyncIterator[Self]:
        """Run it as long as the block lasts."""
        balancer = cls(ports)
        server = await asyncio.start_server(balancer._accept, "127.0.0.1", 0)
        balancer.port = server.sockets[0].getsockname()[1]
        try:
            yield balancer
        finally:
            server.close()
            for task in balancer._tasks:
                task.cancel()
            await asyncio.gather(*balancer._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                there, out = await self._connected()
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pumped(reader, out))
                    both.create_task(_pumped(there, writer))
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the next server that takes it.

        Raises:
            OSError: None does.
        """
        for port in (next(self._turns) for _ in self.ports):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        raise ConnectionRefusedError


async def _pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes until it ends, and end the other side as well."""
    try:
        with contextlib.suppress(OSError):
            while part := await reader.read(CHUNK):
                writer.write(part)
                await writer.drain()
    finally:
        writer.close()
