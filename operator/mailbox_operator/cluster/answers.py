"""Reads what the API server answers, never more of it than fits.

Tenants decide how large objects are: labels alone may have 1.5 MB. So bytes are counted while they
arrive, and of answers that turn out large only a few are in memory at the same time.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

import aiohttp

MIB: Final = 1024 * 1024
MOST_ANSWER_BYTES: Final = 16 * MIB
"""What one answer, or one line of a watch, may have. etcd keeps objects to a tenth of it."""
LARGE_BYTES: Final = MIB // 4
MOST_LARGE: Final = 4
"""How many answers that are large are read at the same time; the others wait in their sockets."""
READ_BUFFER_BYTES: Final = MIB // 16
"""What waits in each of them; the client library's 2 MiB are too much for a hundred."""
SILENCE_SECONDS: Final = 90.0
"""Without a line for so long a watch is dead: the API server sends bookmarks every minute."""


class OversizeError(Exception):
    """There are more bytes than are taken.

    Attributes:
        beginning: As much as was read.
    """

    def __init__(self, beginning: bytes) -> None:
        super().__init__("too large")
        self.beginning = beginning


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads answers."""

    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_LARGE))

    async def read(
        self, response: aiohttp.ClientResponse, at_most: int, large: AsyncExitStack
    ) -> bytearray:
        """Read an answer while counting; one that turns out large waits for its turn.

        Raises:
            OversizeError: It has more bytes than that.
        """
        content, is_large = bytearray(), False
        async with response:
            async for piece in response.content.iter_any():
                content += piece
                if len(content) > at_most:
                    response.close()
                    raise OversizeError(bytes(content))
                if len(content) > LARGE_BYTES and not is_large:
                    is_large = True
                    await large.enter_async_context(self._turns)
        return content


@dataclass(slots=True)
class Lines:
    """Cuts a stream into lines, whatever pieces it arrives in."""

    _begun: bytearray = field(default_factory=bytearray)

    def cut(self, piece: bytes) -> list[bytes]:
        """Return the lines that end in a piece; what follows the last one is kept for the next piece.

        Raises:
            OversizeError: A line has more than `MOST_ANSWER_BYTES`.
        """
        *ended, rest = piece.split(b"\n")
        if ended and self._begun:
            ended[0] = bytes(self._begun) + ended[0]
            self._begun.clear()
        self._begun += rest
        if len(self._begun) > MOST_ANSWER_BYTES:
            raise OversizeError(bytes(self._begun[:LARGE_BYTES]))
        return ended


async def lines_of(response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    """Cut a stream into lines.

    Raises:
        OversizeError: A line has more than `MOST_ANSWER_BYTES`.
    """
    lines = Lines()
    async for piece in response.content.iter_any():
        for line in lines.cut(piece):
            yield line
