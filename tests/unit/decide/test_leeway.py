"""How many periodic checks may be in flight, by how late the event loop is."""

from typing import Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.sharing.leeway import GOAL_SECONDS, Leeway

LATE: Final = 2 * GOAL_SECONDS


def observed(leeway: Leeway, late_seconds: float, looks: int) -> int:
    """Return what is allowed after so many looks."""
    for _ in range(looks):
        leeway.observe(late_seconds)
    return leeway.allowed


@pytest.mark.parametrize(
    ("looks", "allowed"), [(0, 100), (1, 80), (2, 64), (3, 51), (10, 10), (1000, 10)]
)
def test_a_late_loop_takes_a_fifth_at_each_look_and_leaves_a_tenth(
    looks: int, allowed: int
) -> None:
    assert observed(Leeway(100), LATE, looks) == allowed


@pytest.mark.parametrize(("looks", "allowed"), [(1, 11), (5, 15), (90, 100), (1000, 100)])
def test_a_loop_in_time_gives_one_more_at_each_look(looks: int, allowed: int) -> None:
    leeway = Leeway(100)
    observed(leeway, LATE, 1000)

    assert observed(leeway, GOAL_SECONDS, looks) == allowed


@given(most=some.integers(1, 10_000), late=some.lists(some.floats(0, 10), max_size=100))
def test_one_check_may_always_be_made_and_never_more_than_the_limit(
    most: int, late: list[float]
) -> None:
    leeway = Leeway(most)

    allowed = [observed(leeway, seconds, 1) for seconds in late]

    assert all(1 <= each <= most for each in allowed)
