"""What is a new Event, what is one more of an old one, and what is too much."""

from datetime import datetime, timedelta

import pytest

from mailbox_operator.report.events.correlator import (
    BURST,
    LASTS,
    MOST_REMEMBERED,
    Correlator,
    EventType,
    Matter,
)
from unit.make import NOON

REFUSED = Matter("8f3c1e52", EventType.WARNING, "InvalidCredentials", "The password was refused.")


def minutes(number: float) -> datetime:
    """Tell the time so many minutes after noon."""
    return NOON + timedelta(minutes=number)


def about(number: int, uid: str = REFUSED.uid) -> Matter:
    """Make something to tell that nothing else is like."""
    return Matter(uid, EventType.WARNING, "Unknown", f"The server said {number}.")


def told(correlator: Correlator, number: int, at: datetime = NOON) -> int:
    """Have so many things happen to one object, and count those that are told."""
    return sum(correlator.observe(about(each), at) for each in range(number))


def test_the_first_time_is_a_series_of_one() -> None:
    correlator = Correlator()

    correlator.observe(REFUSED, NOON)

    series = correlator.series(REFUSED)
    assert series
    assert (series.first, series.last, series.count, series.event) == (NOON, NOON, 1, "")


def test_the_same_again_is_counted_under_the_same_event() -> None:
    correlator = Correlator()
    correlator.observe(REFUSED, NOON)
    correlator.posted(REFUSED, NOON, "jane.x7k2p")

    correlator.observe(REFUSED, minutes(59))
    correlator.observe(REFUSED, minutes(118))

    series = correlator.series(REFUSED)
    assert series
    assert (series.first, series.last, series.count) == (NOON, minutes(118), 3)
    assert series.event == "jane.x7k2p"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Matter("2f60c94a", REFUSED.type, REFUSED.reason, REFUSED.message), id="uid"),
        pytest.param(
            Matter(REFUSED.uid, EventType.NORMAL, REFUSED.reason, REFUSED.message), id="type"
        ),
        pytest.param(Matter(REFUSED.uid, REFUSED.type, "Unknown", REFUSED.message), id="reason"),
        pytest.param(Matter(REFUSED.uid, REFUSED.type, REFUSED.reason, "No."), id="message"),
    ],
)
def test_what_differs_is_another_series(other: Matter) -> None:
    correlator = Correlator()

    correlator.observe(REFUSED, NOON)
    correlator.observe(other, NOON)

    assert [s.count for s in map(correlator.series, (REFUSED, other)) if s] == [1, 1]


def test_an_hour_of_silence_ends_a_series() -> None:
    correlator = Correlator()
    correlator.observe(REFUSED, NOON)
    correlator.posted(REFUSED, NOON, "jane.x7k2p")

    correlator.observe(REFUSED, NOON + LASTS)

    series = correlator.series(REFUSED)
    assert series
    assert (series.first, series.count, series.event) == (NOON + LASTS, 1, "")


def test_an_object_has_so_much_told_of_it_at_once_and_no_more() -> None:
    correlator = Correlator()

    assert told(correlator, BURST + 5) == BURST
    assert correlator.dropped == 5


def test_what_one_object_may_not_have_told_another_may() -> None:
    correlator = Correlator()
    told(correlator, BURST)

    assert not correlator.observe(about(1), NOON)
    assert correlator.observe(about(1, "2f60c94a"), NOON)


@pytest.mark.parametrize(
    ("after", "more"),
    [
        pytest.param(4.9, 0, id="not yet"),
        pytest.param(5, 1, id="one after five minutes"),
        pytest.param(52, 10, id="ten in less than an hour"),
        pytest.param(1440, BURST, id="never more than at first"),
        pytest.param(-60, 0, id="none where the clock was set back"),
    ],
)
def test_one_comes_back_every_five_minutes(after: float, more: int) -> None:
    correlator = Correlator()
    told(correlator, 2 * BURST)

    assert told(correlator, 2 * BURST, minutes(after)) == more


def test_what_is_not_told_is_in_the_number_of_what_is_told_next() -> None:
    correlator = Correlator()
    for _ in range(40):
        correlator.observe(REFUSED, NOON)

    assert correlator.observe(REFUSED, minutes(5))

    series = correlator.series(REFUSED)
    assert series
    assert (series.count, correlator.dropped) == (41, 15)


def test_an_event_posted_too_late_for_its_series_is_not_that_of_the_next() -> None:
    correlator = Correlator()
    correlator.observe(REFUSED, NOON)
    correlator.observe(REFUSED, minutes(60))

    correlator.posted(REFUSED, NOON, "jane.x7k2p")

    series = correlator.series(REFUSED)
    assert series
    assert (series.count, series.event) == (1, "")


def test_the_correlator_forgets_what_was_quiet_for_longest() -> None:
    correlator = Correlator()
    correlator.observe(REFUSED, NOON)
    for number in range(MOST_REMEMBERED - 1):
        correlator.observe(about(number, f"other-{number}"), NOON)
    correlator.observe(REFUSED, NOON)

    correlator.observe(about(0, "one more"), NOON)

    again = correlator.series(REFUSED)
    assert again
    assert again.count == 2
    assert correlator.series(about(0, "other-0")) is None


def test_the_event_of_a_forgotten_series_is_forgotten() -> None:
    correlator = Correlator()

    correlator.posted(REFUSED, NOON, "jane.x7k2p")

    assert correlator.series(REFUSED) is None
