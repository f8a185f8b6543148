import pytest

from mailbox_operator.decide.sharing.memory import CLEARED_EVERY_SECONDS, Memory


def test_a_value_is_known_until_its_time() -> None:
    memory: Memory[str, int] = Memory(10, 10)

    memory.keep("a", 1, until=5, now=0)

    assert [memory.recall("a", now) for now in (0, 4.9, 5, 6)] == [1, 1, None, None]


def test_what_was_used_longest_ago_makes_room() -> None:
    memory: Memory[str, int] = Memory(2, 10)
    memory.keep("a", 1, until=9, now=0)
    memory.keep("b", 2, until=9, now=0)
    memory.recall("a", 0)

    memory.keep("c", 3, until=9, now=0)

    assert [memory.recall(name, 0) for name in "abc"] == [1, None, 3]


@pytest.mark.parametrize(("size", "kept"), [(5, 2), (6, 1), (10, 1), (11, 0)])
def test_the_sizes_of_all_values_have_a_bound(size: int, kept: int) -> None:
    memory: Memory[str, int] = Memory(10, 10)

    for name in "abc":
        memory.keep(name, 1, until=9, now=0, size=size)

    assert (len(memory), memory.size) == (kept, kept * size)


def test_a_value_in_place_of_another_counts_once() -> None:
    memory: Memory[str, int] = Memory(10, 10)

    for number in range(5):
        memory.keep("a", number, until=9, now=0, size=4)

    assert (memory.recall("a", 0), memory.size) == (4, 4)


def test_expired_values_are_removed_whatever_is_asked_for() -> None:
    memory: Memory[str, int] = Memory(10, 10)
    memory.keep("a", 1, until=5, now=0, size=4)

    memory.recall("another", CLEARED_EVERY_SECONDS)

    assert (len(memory), memory.size) == (0, 0)


def test_a_value_can_be_forgotten() -> None:
    memory: Memory[str, int] = Memory(10, 10)
    memory.keep("a", 1, until=5, now=0, size=4)

    memory.forget("a")
    memory.forget("a")

    assert (memory.recall("a", 0), memory.size) == (None, 0)
