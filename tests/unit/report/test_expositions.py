"""One exposition for all who scrape at about the same time."""

import asyncio
import gzip
from dataclasses import dataclass, field

import pytest

from mailbox_operator.report.metrics.expositions import PIECE, Exposition, Expositions
from mailbox_operator.report.metrics.metrics import Metrics

PROMETHEUS = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.1"


@dataclass
class Clock:
    """A clock that is set by hand; each look at it lasts a while."""

    now: float = 0.0
    lasts: float = 0.0

    def __call__(self) -> float:
        self.now += self.lasts
        return self.now


@dataclass
class Counted:
    """Metrics that count how often they are read, and by when."""

    metrics: Metrics = field(default_factory=Metrics)
    reads: int = 0

    def __post_init__(self) -> None:
        self.metrics.gauge("depth", "Depth.", self.read)

    def read(self) -> float:
        self.reads += 1
        return self.reads


async def test_all_who_come_at_once_share_one() -> None:
    counted = Counted()
    expositions = Expositions(counted.metrics, Clock())

    found = await asyncio.gather(*(expositions.latest("") for _ in range(60)))

    assert counted.reads == 1
    assert len({id(each.packed) for each in found}) == 1


async def test_a_scrape_within_a_second_gets_the_same_exposition_and_later_a_new_one() -> None:
    counted, clock = Counted(), Clock()
    expositions = Expositions(counted.metrics, clock)
    first = await expositions.latest("")

    clock.now = 0.9
    second = await expositions.latest("")
    clock.now = 1.0
    third = await expositions.latest("")

    assert second is first
    assert third is not first
    assert counted.reads == 2


async def test_scrapes_without_end_leave_the_writer_most_of_its_time() -> None:
    counted, clock = Counted(), Clock(lasts=3.0)
    expositions = Expositions(counted.metrics, clock)
    await expositions.latest("")

    clock.lasts, clock.now = 0, clock.now + 5.0
    await expositions.latest("")

    assert counted.reads == 1


@pytest.mark.parametrize(
    "accept",
    [PROMETHEUS, "application/openmetrics-text", "application/openmetrics-text;version=9.9.9"],
)
async def test_whatever_version_is_asked_for_there_are_two_formats(accept: str) -> None:
    counted = Counted()
    expositions = Expositions(counted.metrics, Clock())

    found = [await expositions.latest(each) for each in (PROMETHEUS, accept, "", "x", "text/plain")]

    assert counted.reads == 2
    assert found[1].content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"


async def test_a_failure_is_not_kept() -> None:
    metrics, broken = Metrics(), [True]

    def read() -> float:
        if broken:
            raise ValueError(broken.pop())
        return 1.0

    metrics.gauge("depth", "Depth.", read)
    expositions = Expositions(metrics, Clock())
    with pytest.raises(ValueError, match="True"):
        await expositions.latest("")

    assert b"depth 1.0" in b"".join((await expositions.latest("")).pieces(zipped=False))


@pytest.mark.parametrize("text", [b"", b"short\n", b"0" * 3_000_000, bytes(range(256)) * 4000])
def test_both_encodings_are_cut_into_small_pieces_that_make_the_whole(text: bytes) -> None:
    exposition = Exposition(gzip.compress(text), "text/plain")

    packed, plain = (list(exposition.pieces(zipped=zipped)) for zipped in (True, False))

    assert gzip.decompress(b"".join(packed)) == text
    assert b"".join(plain) == text
    assert max(map(len, [*packed, *plain])) <= PIECE
