"""What a Service is in a cluster: one port that leads to a replica which answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Final

CHUNK: Final = 65_536


@asynccontextmanager
async def front(port: int, ports: Callable[[], Sequence[int]]) -> AsyncIterator[None]:
    """Forward connections for as long as the block.

    Args:
        port: Where to listen, on the loopback.
        ports: Where replicas listen that are ready now; they take turns.
    """
    numbers, tasks = count(), set[asyncio.Task[None]]()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                ready = ports()
                if ready:
                    await _forwarded(reader, writer, ready[next(numbers) % len(ready)])
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _forwarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    there, out = await asyncio.open_connection("127.0.0.1", port)
    try:
        await asyncio.gather(_pumped(reader, out), _pumped(there, writer))
    finally:
        out.close()


async def _pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(CHUNK):
            writer.write(part)
            await writer.drain()
    writer.close()
