"""Two clocks that differ: how much by an answer's date, and which one counts."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, strategies

from mailbox_operator.decide.cluster.clocks import (
    PLAUSIBLE,
    Clocks,
    ahead_of,
    is_unattended,
    served_at,
)
from unit.make import NOON

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
HEADER = "Wed, 21 Oct 2015 07:28:00 GMT"
MEANT = "2015-10-21T07:28:00+00:00"


@pytest.mark.parametrize("ahead", [DAY, -DAY, timedelta()])
def test_a_period_begins_by_the_later_clock_and_ends_by_the_earlier_one(ahead: timedelta) -> None:
    both = (NOON, NOON - ahead)

    clocks = Clocks(NOON, ahead)

    assert (clocks.earlier, clocks.later) == (min(both), max(both))


@pytest.mark.parametrize(
    ("renewed", "ahead", "is_so"),
    [
        (NOON - timedelta(minutes=59), timedelta(), False),
        (NOON - timedelta(minutes=61), timedelta(), True),
        (NOON - DAY, timedelta(), True),
        (NOON - timedelta(minutes=61), -DAY, True),
        (NOON - timedelta(minutes=61), DAY, True),
        (NOON + DAY, timedelta(), False),
        (None, timedelta(), True),
    ],
    ids=[
        "lately",
        "long ago",
        "a day ago",
        "clock behind",
        "clock ahead",
        "in the future",
        "never",
    ],
)
def test_a_cluster_whose_lease_was_not_renewed_for_an_hour_is_unattended(
    renewed: datetime | None,
    ahead: timedelta,
    is_so: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert is_unattended(renewed, Clocks(NOON, ahead)) is is_so


@pytest.mark.parametrize(
    ("date", "age", "moment"),
    [
        (HEADER, "", MEANT),
        (HEADER, "60", "2015-10-21T07:29:00+00:00"),
        ("Wed, 21 Oct 2015 07:28:00 -0000", "", MEANT),
        ("Wed, 21 Oct 2015 09:28:00 +0200", "", MEANT),
    ],
    ids=["as HTTP has it", "from a cache", "without a zone", "of another zone"],
)
def test_an_answer_says_when_it_was_given(date: str, age: str, moment: str) -> None:
    served = served_at(date, age)

    assert served is not None
    assert served.isoformat() == moment


@pytest.mark.parametrize(
    ("date", "age"),
    [
        ("", ""),
        ("yesterday", ""),
        ("Wed, 32 Oct 2015 07:28:00 GMT", ""),
        ("Fri, 31 Dec 9999 23:59:59 -2359", ""),
        (HEADER, "old"),
        (HEADER, "9" * 5000),
    ],
    ids=["no date", "a word", "a day that is none", "after the last year", "no age", "a long age"],
)
def test_a_date_that_cannot_be_read_is_none(date: str, age: str) -> None:
    assert served_at(date, age) is None


@given(strategies.text(), strategies.text())
def test_no_header_is_more_than_can_be_read(date: str, age: str) -> None:
    served_at(date, age)
    served_at(HEADER, age)


@pytest.mark.parametrize(
    ("difference", "seconds", "ahead"),
    [
        (0 * SECOND, 0, 0 * SECOND),
        (0.9 * SECOND, 0, 0 * SECOND),
        (20 * SECOND, 19, 0 * SECOND),
        (20 * SECOND, 2, 20 * SECOND),
        (-20 * SECOND, 2, -23 * SECOND),
        (DAY, 0, DAY),
        (-DAY, 0, -DAY - SECOND),
    ],
    ids=[
        "the same second",
        "a date without fractions",
        "a slow answer",
        "ahead",
        "behind, and a slow answer",
        "a day ahead",
        "a day behind",
    ],
)
def test_clocks_agree_if_they_may_and_else_differ_by_the_most(
    difference: timedelta, seconds: float, ahead: timedelta
) -> None:
    assert ahead_of(NOON, NOON + difference, seconds) == ahead


@pytest.mark.parametrize("difference", [PLAUSIBLE + SECOND, -PLAUSIBLE - SECOND])
def test_a_date_beyond_all_plausibility_is_not_believed(difference: timedelta) -> None:
    assert ahead_of(NOON, NOON + difference, 0) is None


@given(
    strategies.timedeltas(-PLAUSIBLE / 2, PLAUSIBLE / 2),
    strategies.floats(0, 30),
    strategies.floats(0, 1),
)
def test_neither_bound_is_past_the_clock_that_it_stands_for(
    ahead: timedelta, seconds: float, share: float
) -> None:
    there = NOON + timedelta(microseconds=123_456)
    local = there + ahead
    served = (there - timedelta(seconds=seconds * share)).replace(microsecond=0)

    found = ahead_of(served, local, seconds)

    assert found is not None
    tolerated = SECOND + timedelta(seconds=seconds) if not found else timedelta()
    clocks = Clocks(local, found)
    assert clocks.earlier <= min(local, there) + tolerated
    assert clocks.later >= max(local, there) - tolerated


def test_the_headers_of_a_test_are_those_of_a_server() -> None:
    assert served_at(format_datetime(NOON, usegmt=True)) == NOON
