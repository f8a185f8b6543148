"""A server that says what it was told to say, whatever it is asked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager


@asynccontextmanager
async def babbler(*words: bytes, hang_up: bool = False) -> AsyncIterator[int]:
    """Run one as long as the block lasts; tells its port on 127.0.0.1.

    Args:
        words: The first is said at once, each other one in answer to a line.
        hang_up: Whether it leaves after its last word; otherwise it waits for the client to leave.
    """
    talks: set[asyncio.Task[None]] = set()

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await _say(words, reader, writer)
                if not hang_up:
                    await reader.read()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(babble(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)


async def _say(
    words: Iterable[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    for number, word in enumerate(words):
        if number:
            await reader.readuntil(b"\n")
        writer.write(word)
        await writer.drain()
