from collections.abc import Collection
from dataclasses import dataclass
from itertools import product

import pytest

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.schedule.lines import FEW, Lane
from mailbox_operator.schedule.queue import Queue
from unit.make import key

A, B, C, D = (key(name) for name in "abcd")


@dataclass(frozen=True)
class Doors:
    """Room for everybody, except at some destinations and for some tenants."""

    busy: Collection[str] = ()
    full: Collection[str] = ()
    has_leeway: bool = True

    def admits(self, tenant: str) -> bool:
        return tenant not in self.full

    def is_free(self, destination: str) -> bool:
        return destination not in self.busy


OPEN = Doors()
LATE = Doors(has_leeway=False)


def taken(queue: Queue, now: float, room: Doors = OPEN) -> list[str]:
    """Take all there is."""
    found = []
    while place := queue.take(now, room):
        found.append(place.key.name)
    return found


def test_no_key_goes_before_its_time() -> None:
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

    assert taken(queue, 1.0, Doors(busy=["busy"])) == ["b"]


def test_the_first_of_those_parked_comes_back() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.PERIODIC, "busy")
    queue.put(B, 1.0, Lane.NEW, "busy")
    taken(queue, 1.0, Doors(busy=["busy"]))

    queue.release("busy", OPEN)

    assert taken(queue, 1.0) == ["b"]


def test_one_who_comes_back_and_leaves_gives_its_room_to_the_next() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.NEW, "busy")
    queue.put(B, 1.0, Lane.PERIODIC, "busy")
    taken(queue, 1.0, Doors(busy=["busy"]))
    queue.release("busy", OPEN)

    queue.remove(A)

    assert taken(queue, 1.0) == ["b"]


def test_one_who_left_while_parked_is_passed_over() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.NEW, "busy")
    queue.put(B, 1.0, Lane.PERIODIC, "busy")
    taken(queue, 1.0, Doors(busy=["busy"]))

    queue.remove(A)
    queue.release("busy", OPEN)

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
def test_the_queue_knows_who_stands_in_line_already(now: float, lane: Lane, due: bool) -> None:  # noqa: FBT001 - a column
    queue = Queue()
    queue.put(A, 1.0, Lane.NEW, "x")

    assert queue.is_in_line(A, now, lane) is due
    assert not queue.is_in_line(B, now, lane)


def of(tenant: str, name: str) -> Key:
    """Name a mailbox of a tenant."""
    return Key(Kind.MAILBOX, tenant, name)


def test_tenants_take_turns_however_much_one_of_them_wants() -> None:
    queue = Queue()
    for number in range(6):
        queue.put(of("evil", f"evil-{number}"), 0.0, Lane.CHANGED, f"host-{number}")
    queue.put(of("acme", "acme-1"), 5.0, Lane.PERIODIC, "x")
    queue.put(of("acme", "acme-2"), 5.0, Lane.PERIODIC, "x")

    assert taken(queue, 5.0) == ["acme-1", "evil-0", "acme-2", *(f"evil-{n}" for n in range(1, 6))]


def test_a_tenant_that_comes_late_goes_next() -> None:
    queue = Queue()
    for number in range(4):
        queue.put(of("evil", f"evil-{number}"), 0.0, Lane.CHANGED, "x")
    assert queue.take(0.0, OPEN)
    assert queue.take(0.0, OPEN)

    queue.put(of("acme", "acme"), 1.0, Lane.PERIODIC, "x")

    assert taken(queue, 1.0) == ["acme", "evil-2", "evil-3"]


def test_a_tenant_that_has_its_share_is_passed_over_and_keeps_its_place() -> None:
    queue = Queue()
    queue.put(of("evil", "evil"), 0.0, Lane.CHANGED, "x")
    queue.put(of("acme", "acme"), 0.0, Lane.PERIODIC, "x")

    assert taken(queue, 0.0, Doors(full=["evil"])) == ["acme"]
    assert taken(queue, 0.0) == ["evil"]


def test_room_at_a_destination_goes_to_the_tenant_whose_turn_it_is() -> None:
    queue = Queue()
    for number in range(3):
        queue.put(of("evil", f"evil-{number}"), 0.0, Lane.CHANGED, "Google")
    queue.put(of("acme", "acme"), 0.0, Lane.PERIODIC, "Google")
    queue.put(of("evil", "elsewhere"), 0.0, Lane.CHANGED, "x")
    assert taken(queue, 0.0, Doors(busy=["Google"])) == ["elsewhere"]

    queue.release("Google", OPEN)

    assert taken(queue, 0.0) == ["acme"]


def test_tenants_take_turns_at_a_destination_that_is_full_all_the_time() -> None:
    queue, full = Queue(), Doors(busy=["Google"])
    for number, tenant in product(range(3), ("acme", "evil", "globex")):
        queue.put(of(tenant, f"{tenant}-{number}"), 0.0, Lane.PERIODIC, "Google")
    assert taken(queue, 0.0, full) == []

    served = []
    while len(queue):
        queue.release("Google", OPEN)
        served += [place.key.namespace for place in [queue.take(0.0, OPEN)] if place]
        assert taken(queue, 0.0, full) == []

    rounds = [{*served[start : start + 3]} for start in range(0, len(served), 3)]
    assert rounds == [{"acme", "evil", "globex"}] * 3


def test_turns_at_one_destination_do_not_depend_on_those_at_another() -> None:
    queue = Queue()
    for number, tenant in product(range(4), ("acme", "evil")):
        queue.put(of(tenant, f"{tenant}-{number}"), 0.0, Lane.PERIODIC, "Google")
        queue.put(of("globex", f"{tenant}-{number}"), 0.0, Lane.PERIODIC, "x")
    both = Doors(busy=["Google", "x"])
    assert taken(queue, 0.0, both) == []

    served = []
    for _ in range(6):
        for destination, other in (("x", "Google"), ("Google", "x")):
            queue.release(destination, OPEN)
            place = queue.take(0.0, Doors(busy=[other]))
            assert place
            served.append(place.key.namespace)
            assert taken(queue, 0.0, both) == []

    assert sorted(served[1::2]) == ["acme"] * 3 + ["evil"] * 3


def test_places_that_were_given_up_are_forgotten() -> None:
    queue = Queue()

    for number in range(10 * FEW):
        queue.put(A, 86_400.0 + number, Lane.PERIODIC, "x")

    assert queue.size <= 2 * FEW


def test_ready_and_parked_places_that_were_given_up_are_forgotten() -> None:
    queue, busy = Queue(), Doors(busy=["x"])

    for number in range(10 * FEW):
        each = of("acme", f"box-{number}")
        queue.put(each, 0.0, Lane.NEW, "x" if number % 2 else "y")
        queue.take(0.0, Doors(full=["acme"]) if number % 2 else busy)
        queue.remove(each)

    assert queue.size <= 4 * FEW


def other(name: str, tenant: str = "globex") -> Key:
    return Key(Kind.MAILBOX, tenant, name)


@pytest.mark.parametrize("lane", [Lane.CHANGED, Lane.NEW, Lane.RETRY])
def test_without_leeway_the_periodic_wait_and_nobody_else(lane: Lane) -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.PERIODIC, "x")
    queue.put(B, 2.0, lane, "x")
    queue.put(other("c"), 1.0, Lane.PERIODIC, "x")

    assert taken(queue, 5.0, LATE) == ["b"]
    assert sorted(taken(queue, 5.0)) == ["a", "c"]


def test_who_is_changed_while_held_back_goes_at_once() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.PERIODIC, "x")
    assert taken(queue, 5.0, LATE) == []

    queue.put(A, 5.0, Lane.CHANGED, "x")

    assert taken(queue, 5.0, LATE) == ["a"]
    assert taken(queue, 5.0) == []


def test_those_held_back_come_in_the_turns_of_their_tenants() -> None:
    queue = Queue()
    for name in "abc":
        queue.put(other(name, "acme"), 1.0, Lane.PERIODIC, "x")
    for name in "xy":
        queue.put(other(name, "globex"), 2.0, Lane.PERIODIC, "x")
    assert taken(queue, 5.0, LATE) == []

    assert taken(queue, 5.0) == ["a", "x", "b", "y", "c"]


def test_without_leeway_room_at_a_destination_goes_to_those_who_may_use_it() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.PERIODIC, "x")
    queue.put(other("new"), 2.0, Lane.NEW, "x")
    assert taken(queue, 5.0, Doors(busy=["x"])) == []

    queue.release("x", LATE)

    assert taken(queue, 5.0, LATE) == ["new"]


def test_the_periodic_keep_the_room_that_came_free_without_leeway() -> None:
    queue = Queue()
    queue.put(A, 1.0, Lane.PERIODIC, "x")
    assert taken(queue, 5.0, Doors(busy=["x"])) == []

    queue.release("x", LATE)

    assert taken(queue, 5.0, LATE) == []
    assert taken(queue, 5.0) == ["a"]
