"""What stays in memory is not walked over by every full collection."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import ref

import pytest

from mailbox_operator import heap


class Thing:
    """Something that can be referred to weakly, and refer to itself."""

    itself: "Thing | None" = None


@dataclass
class Collector:
    """Tells of collections that take as long as is wished, and counts how often all is frozen."""

    now: float = 0.0
    frozen: int = 0
    told: heap.LongCollections = field(init=False)

    def __post_init__(self) -> None:
        self.told = heap.LongCollections(0.05, self.freeze, lambda: self.now)

    def freeze(self) -> None:
        self.frozen += 1

    def collect(self, generation: int, seconds: float) -> None:
        self.told.hear("start", {"generation": generation})
        self.now += seconds
        self.told.hear("stop", {"generation": generation})


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    callbacks, threshold = list(gc.callbacks), gc.get_threshold()
    yield
    gc.unfreeze()
    gc.callbacks[:] = callbacks
    gc.set_threshold(*threshold)


def test_settling_leaves_what_is_there_out_of_collections() -> None:
    fleet = [[number] for number in range(1_000)]

    heap.freeze_heap()

    assert not any(each is fleet for each in gc.get_objects())
    assert gc.get_freeze_count() > len(fleet)


def test_what_was_settled_is_freed_when_nothing_refers_to_it() -> None:
    thing = Thing()
    seen = ref(thing)
    heap.freeze_heap()

    del thing

    assert seen() is None


def test_cycles_made_after_settling_are_collected() -> None:
    heap.freeze_heap()
    thing = Thing()
    thing.itself = thing
    seen = ref(thing)

    del thing
    gc.collect()

    assert seen() is None


@pytest.mark.parametrize(
    ("generation", "seconds", "frozen"),
    [
        pytest.param(2, (0.3,), 1, id="a long one"),
        pytest.param(2, (0.03, 0.03), 0, id="two short ones"),
        pytest.param(1, (0.3,), 0, id="one of the younger objects"),
    ],
)
def test_what_a_long_full_collection_left_is_settled(
    generation: int, seconds: tuple[float, ...], frozen: int
) -> None:
    collector = Collector()

    for each in seconds:
        collector.collect(generation, each)

    assert collector.frozen == frozen


def test_a_fleet_that_came_late_is_settled_after_a_long_collection() -> None:
    heap.freeze_heap()
    gc.callbacks[-1] = heap.LongCollections(long_seconds=0).hear
    fleet = [[number] for number in range(1_000)]

    gc.collect()

    assert not any(each is fleet for each in gc.get_objects())


def test_long_collections_are_heard_of_once_the_heap_is_settled() -> None:
    before = len(gc.callbacks)

    heap.freeze_heap()

    assert len(gc.callbacks) == before + 1
