from collections.abc import Iterator
from itertools import takewhile

import pytest

from mailbox_operator.decide.fairness import Shares


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


def taken(shares: Shares, tenant: str) -> Iterator[int]:
    """Take places for a tenant until it gets no more."""
    for number in takewhile(lambda _: shares.admits(tenant), range(shares.total + 1)):
        shares.take(tenant)
        yield number
