"""What the metrics of every process are made of, and how they are written.

It knows no metric but those that every process has. What is counted is the business of its users.
"""

import asyncio
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder

from mailbox_operator import __version__

LAG_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
END_OF_EXPOSITION: Final = b"# EOF\n"
"""The last line of OpenMetrics; Prometheus' text has none."""
FASTEST: Final = 1
"""Text of labels shrinks to a twentieth at that level already."""
GZIP: Final = 31
"""The window and the header of RFC 1952, in zlib's terms."""


@dataclass(slots=True)
class Instruments:
    """The metrics of one process.

    Attributes:
        prefix: What the names of its own metrics begin with.
    """

    prefix: str
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _readings: list[tuple[Gauge, Callable[[], float]]] = field(default_factory=list)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "metrics"))

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """Add a counter; its name is without prefix and suffix."""
        return Counter(f"{self.prefix}_{name}", text, labels, registry=self.registry)

    def histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        """Add a histogram of seconds; its name is without prefix and unit."""
        name = f"{self.prefix}_{name}_seconds"
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)

    def gauge(self, name: str, text: str, read: Callable[[], float], /, **labels: str) -> None:
        """Add a gauge that is read at each scrape; its name is whole."""
        made = Gauge(name, text, tuple(labels), registry=self.registry)
        self._readings.append((made.labels(**labels) if labels else made, read))

    def loop_lag(self) -> Histogram:
        """Add how late the event loop was."""
        return self.histogram(
            "loop_lag", "How late the event loop was, ten times a second.", LAG_BUCKETS
        )

    def add_process(self) -> None:
        """Add what tells of the process: its memory, its processor time, its version."""
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.gauge(f"{self.prefix}_build_info", "1.", lambda: 1, version=__version__)

    async def exposition(
        self, accept: str, *, zipped: bool, more: Iterable[bytes] = ()
    ) -> tuple[bytes, str]:
        """Write the metrics out: all that is read is read at once, all that takes long in a thread.

        The thread does nothing else: name look-ups that hang must not keep anybody from seeing it.

        Args:
            accept: The header of the request, which chooses between OpenMetrics and Prometheus text.
            zipped: Whether to compress it.
            more: Lines that follow those of the registry, in parts; made in the thread.

        Returns:
            The body, and its content type.
        """
        for made, read in self._readings:
            made.set(read())
        encode, content_type = choose_encoder(accept)

        def parts() -> Iterator[bytes]:
            counted, *end = encode(self.registry).partition(END_OF_EXPOSITION)
            yield counted
            yield from more
            yield b"".join(end)

        write = packed if zipped else b"".join
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, lambda: write(parts())), content_type


def packed(parts: Iterable[bytes]) -> bytes:
    """Compress one part after the other, so that the whole is never there at once."""
    packer = zlib.compressobj(FASTEST, wbits=GZIP)
    return b"".join([*map(packer.compress, parts), packer.flush()])
