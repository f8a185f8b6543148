from collections.abc import Collection

import pytest

from mailbox_operator.schedule.queue import Lane, Queue
from make import key

A, B, C, D = (key(name) for name in "abcd")


def taken(queue: Queue, now: float, busy: Collection[str] = ()) -> list[str]:
    """Take all there is."""
    found = []
    while place := queue.take(now, lambda destination: destination not in busy):
        found.append(place.key.name)
    return found


def test_nobody_goes_before_its_time() -> None:
    queue = Queue()
    queue.put(A, 10.0, Lane.CHANGED, "x")

    assert taken(queue, 9.9) == []
    assert queue.wait(9.0) == 1.0
    assert taken(queue, 10.0) == ["a"]
    assert queue.wait(10.0) is None


def test_the_new_and_the_changed_go_before_the_retried_before_the_healthy() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.PERIODIC, "x")
    queue.put(B, 2.0, Lane.RETRY, "x")
    queue.put(C, 3.0, Lane.NEW, "x")
    queue.put(D, 4.0, Lane.CHANGED, "x")

    assert taken(queue, 5.0) == ["d", "c", "b", "a"]


def test_in_a_lane_the_first_due_goes_first() -> None:
    queue = Queue()
    queue.put(A, 2.0, Lane.RETRY, "x")
    queue.put(B, 1.0, Lane.RETRY, "x")
    queue.put(C, 2.0, Lane.RETRY, "x")

    assert taken(queue, 5.0) == ["b", "a", "c"]


def test_a_key_has_one_place() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.RETRY, "x")
    queue.put(A, 3.0, Lane.RETRY, "x")

    assert len(queue) == 1
    assert taken(queue, 2.0) == []
    assert taken(queue, 3.0) == ["a"]


def test_a_key_that_was_removed_is_not_taken() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.RETRY, "x")

    queue.remove(A)

    assert (len(queue), taken(queue, 2.0), queue.wait(0.0)) == (0, [], None)


def test_a_busy_destination_holds_nobody_else_up() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.CHANGED, "busy")
    queue.put(B, 1.0, Lane.PERIODIC, "free")

    assert taken(queue, 1.0, busy=["busy"]) == ["b"]


def test_the_first_of_those_parked_comes_back() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.PERIODIC, "busy")
    queue.put(B, 1.0, Lane.NEW, "busy")
    taken(queue, 1.0, busy=["busy"])

    queue.release("busy")

    assert taken(queue, 1.0) == ["b"]


def test_one_who_comes_back_and_leaves_gives_its_room_to_the_next() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.NEW, "busy")
    queue.put(B, 1.0, Lane.PERIODIC, "busy")
    taken(queue, 1.0, busy=["busy"])
    queue.release("busy")

    queue.remove(A)

    assert taken(queue, 1.0) == ["b"]


def test_one_who_left_while_parked_is_passed_over() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.NEW, "busy")
    queue.put(B, 1.0, Lane.PERIODIC, "busy")
    taken(queue, 1.0, busy=["busy"])

    queue.remove(A)
    queue.release("busy")

    assert taken(queue, 1.0) == ["b"]


def test_the_longest_wait_is_known() -> None:
    queue = Queue()
    assert queue.overdue(9.0) == 0

    queue.put(A, 1.0, Lane.RETRY, "x")
    queue.put(B, 7.0, Lane.RETRY, "x")
    assert queue.overdue(0.0) == 0
    assert queue.overdue(9.0) == 8.0


@pytest.mark.parametrize(
    ("now", "lane", "due"),
    [(0.5, Lane.NEW, False), (1.0, Lane.NEW, True), (1.0, Lane.CHANGED, False)],
)
def test_knows_who_stands_in_line_already(now: float, lane: Lane, due: bool) -> None:  # noqa: FBT001 - a column
    queue = Queue()
    queue.put(A, 1.0, Lane.NEW, "x")

    assert queue.is_due(A, now, lane) is due
    assert not queue.is_due(B, now, lane)
