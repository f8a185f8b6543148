"""Keeps one exposition for all who scrape at about the same time, compressed.

Ten thousand mailboxes are fifteen megabytes of text and one of gzip. Readers share the one; for a
reader that wants text it is unpacked piece by piece, as fast as it is read.
"""

import asyncio
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Protocol

from mailbox_operator.report.metrics.instruments import GZIP

KEPT_SECONDS: Final = 1.0
REST: Final = 2
"""How many times as long as it took to write an exposition none is written: scrapes that never end
take a third of one thread at the most."""

OPEN: Final = "application/openmetrics-text"
PIECE: Final = 65_536
MOUTHFUL: Final = 4096
"""Compressed bytes that are unpacked at once; each may become a thousand."""


@dataclass(frozen=True, slots=True)
class Exposition:
    """All metrics at one moment.

    Attributes:
        packed: In the form of RFC 1952.
    """

    packed: bytes = field(repr=False)
    content_type: str

    def pieces(self, *, zipped: bool) -> Iterator[bytes | memoryview]:
        """Cut it into pieces of 64 KiB or less."""
        whole = memoryview(self.packed)
        if zipped:
            yield from (whole[at : at + PIECE] for at in range(0, len(whole), PIECE))
            return
        unpacker = zlib.decompressobj(wbits=GZIP)
        for at in range(0, len(whole), MOUTHFUL):
            rest: bytes | memoryview = whole[at : at + MOUTHFUL]
            while rest:
                if piece := unpacker.decompress(rest, PIECE):
                    yield piece
                rest = unpacker.unconsumed_tail
        while piece := unpacker.flush(PIECE):
            yield piece


class Exposed(Protocol):
    """Metrics of a process."""

    async def exposition(self, accept: str, *, zipped: bool) -> tuple[bytes, str]:
        """Write them out; return the body and its content type."""


@dataclass(slots=True)
class Expositions:
    """Writes an exposition when the last one is too old."""

    metrics: Exposed
    monotonic: Callable[[], float] = monotonic
    _latest: dict[str, asyncio.Task[Exposition]] = field(default_factory=dict)
    _good_until: dict[str, float] = field(default_factory=dict)

    async def latest(self, accept: str) -> Exposition:
        """Return the exposition that is being written, or was written within the last second.

        Args:
            accept: The header of the request. Two formats are written, whatever else it names.
        """
        form = OPEN if OPEN in accept else ""
        known = self._latest.get(form)
        if known is None or (known.done() and self.monotonic() >= self._good_until.get(form, 0)):
            known = asyncio.create_task(self._write(form), name="exposition")
            self._latest[form] = known
        return await asyncio.shield(known)

    async def _write(self, form: str) -> Exposition:
        began = self.monotonic()
        self._good_until.pop(form, None)
        exposition = Exposition(*await self.metrics.exposition(form, zipped=True))
        ended = self.monotonic()
        self._good_until[form] = ended + max(KEPT_SECONDS, REST * (ended - began))
        return exposition
