from collections.abc import Iterator
from itertools import takewhile

import pytest

from mailbox_operator.decide.sharing.fairness import Shares, Turns


@pytest.mark.parametrize(("total", "half"), [(1, 1), (2, 1), (3, 2), (100, 50)])
def test_a_tenant_alone_gets_half_of_the_places(total: int, half: int) -> None:
    shares = Shares(total)

    assert sum(1 for _ in taken(shares, "evil")) == half


def test_a_newcomer_finds_room_beside_greedy_tenants() -> None:
    shares = Shares(100)
    for tenant in ("a", "b", "c", "d"):
        list(taken(shares, tenant))

    assert shares.admits("newcomer")
    assert not shares.full


def test_a_place_that_is_given_back_can_be_taken_again() -> None:
    shares = Shares(1)
    shares.take("a")
    shares.give_back("a")

    assert shares.admits("a")
    assert (shares.in_use, shares.held("a")) == (0, 0)


def test_tenants_that_wait_get_as_many_turns_each() -> None:
    turns, served = Turns(), list[str]()

    for _ in range(6):
        served.append(min("abc", key=turns.start))
        turns.serve(served[-1])

    assert sorted(served) == list("aabbcc")


def test_a_tenant_that_had_nothing_for_long_goes_next_and_saves_nothing_up() -> None:
    turns, served = Turns(), list[str]()
    for _ in range(10):
        turns.serve("busy")

    for _ in range(4):
        served.append(min(("busy", "late"), key=turns.start))
        turns.serve(served[-1])

    assert served.count("late") == 2
    assert served[0] == "late"


def test_turns_are_forgotten_when_nobody_waits() -> None:
    turns = Turns()
    turns.serve("busy")

    turns.rest()

    assert (len(turns), turns.start("busy")) == (0, 0)


def taken(shares: Shares, tenant: str) -> Iterator[int]:
    """Take places for a tenant until it gets no more."""
    for number in takewhile(lambda _: shares.admits(tenant), range(shares.total + 1)):
        shares.take(tenant)
        yield number
