"""What stays in memory is not walked over by every full collection."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from mailbox_operator import heap


class Thing:
    """Something that can be referred to weakly, and refer to itself."""

    itself: "Thing | None" = None


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
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
