"""No rolling day holds more than the limit, with many gateways and whatever their clocks do."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.sending.ledger import (
    BUCKET,
    DAY,
    MOST_AHEAD,
    DamagedError,
    Full,
    Ledger,
    Limit,
    number_of,
    read,
    written,
)
from mailbox_operator.decide.sending.terms import Terms
from unit.make import NOON

HOURS: Final = timedelta(hours=24)
GAP: Final = timedelta(minutes=5)
MOMENTS: Final = some.integers(1, 4_000_000_000_000).map(
    lambda x: datetime.fromtimestamp(x / 1000, UTC)
)
LEDGERS: Final = some.builds(
    Ledger,
    some.dictionaries(some.integers(1, 10_000_000), some.integers(1, 10_000), max_size=145),
    some.none() | MOMENTS,
    some.lists(MOMENTS, max_size=30).map(tuple),
)


def took(ledger: Ledger, least: int, terms: Terms, now: datetime, wanted: int = 0) -> Ledger:
    """Take recipients; there must be room for them."""
    found = ledger.take(least, wanted, terms, now)
    assert not isinstance(found, Full)
    return found[0]


@given(
    limit=some.integers(1, 50),
    steps=some.lists(
        some.tuples(some.integers(0, 7200), some.integers(1, 20), some.integers(0, 60)),
        max_size=80,
    ),
)
def test_no_rolling_day_holds_more_than_the_limit(
    limit: int, steps: list[tuple[int, int, int]]
) -> None:
    ledger, now, sent, terms = Ledger(), NOON, list[datetime](), Terms(limit)

    for seconds, least, wanted in steps:
        now += timedelta(seconds=seconds)
        found = ledger.take(least, wanted, terms, now)
        if not isinstance(found, Full):
            ledger, got = found
            sent += [now] * got

    counts = [bisect_left(sent, moment + HOURS) - at for at, moment in enumerate(sent)]
    assert max(counts, default=0) <= limit


def test_a_message_gets_its_recipients_and_some_are_taken_ahead() -> None:
    found = Ledger().take(3, 500, Terms(1000), NOON)

    assert not isinstance(found, Full)
    ledger, got = found
    assert (got, ledger.used(NOON)) == (MOST_AHEAD, MOST_AHEAD)


@pytest.mark.parametrize(("used", "ahead"), [(0, 6), (30, 2), (45, 1), (49, 1)])
def test_little_is_taken_ahead_when_little_is_left(used: int, ahead: int) -> None:
    terms = Terms(50)
    ledger = took(Ledger(), used, terms, NOON)

    found = ledger.take(1, 100, terms, NOON)

    assert not isinstance(found, Full)
    assert found[1] == ahead


def test_a_limit_that_was_lowered_gives_nothing_and_takes_nothing_back() -> None:
    ledger = took(Ledger(), 30, Terms(50), NOON)

    assert isinstance(ledger.take(1, 0, Terms(10), NOON), Full)
    assert ledger.used(NOON) == 30


@given(LEDGERS, some.integers(1, 200), some.integers(1, 200))
def test_room_is_there_when_it_is_announced_and_not_a_bucket_earlier(
    ledger: Ledger, wanted: int, limit: int
) -> None:
    at = ledger.room_at(wanted, limit, NOON)

    if at is None:
        assert wanted > limit
        return
    present = Ledger({min(x, number_of(NOON)): 0 for x in ledger.taken})
    taken = dict(present.taken)
    for number, count in ledger.taken.items():  # those ahead of the clock count as of now
        taken[min(number, number_of(NOON))] += count
    seen = Ledger(taken)
    assert seen.used(at) + wanted <= limit
    assert at == NOON or seen.used(at - timedelta(seconds=1)) + wanted > limit


def test_a_bucket_counts_until_all_of_it_is_older_than_a_day() -> None:
    terms = Terms(1)
    ledger = took(Ledger(), 1, terms, NOON)

    refused = Full(Limit.DAY, NOON + HOURS + BUCKET)
    assert ledger.take(1, 0, terms, NOON) == refused
    assert ledger.take(1, 0, terms, NOON + HOURS) == refused
    assert took(ledger, 1, terms, NOON + HOURS + BUCKET).taken


def test_what_never_fits_has_no_time() -> None:
    assert Ledger().take(51, 0, Terms(50), NOON) == Full(Limit.DAY, None)


def test_a_clock_that_was_set_back_gives_nothing_twice() -> None:
    terms = Terms(50)
    ledger = took(Ledger(), 50, terms, NOON)

    assert isinstance(ledger.take(1, 0, terms, NOON - timedelta(hours=5)), Full)


def test_a_clock_that_was_a_year_ahead_blocks_nobody_for_a_year() -> None:
    terms = Terms(50)
    ledger = took(Ledger(), 40, terms, NOON + timedelta(days=365))

    ledger = took(ledger, 10, terms, NOON)

    assert ledger.take(1, 0, terms, NOON) == Full(Limit.DAY, NOON + HOURS + BUCKET)


def test_what_was_not_used_is_given_back_once() -> None:
    ledger = took(Ledger(), 10, Terms(50), NOON)
    number = number_of(NOON)

    left = ledger.give_back(4, number)
    none = left.give_back(6, number)

    assert (left.used(NOON), none.taken) == (6, {})
    assert none.give_back(1, number) == none


def test_a_gap_is_kept_between_two_messages_and_nothing_is_taken_ahead() -> None:
    terms = Terms(50, every=GAP)
    found = Ledger().take(1, 100, terms, NOON)
    assert not isinstance(found, Full)
    ledger, got = found

    assert got == 1
    assert ledger.take(1, 0, terms, NOON + GAP / 2) == Full(Limit.GAP, NOON + GAP)
    assert took(ledger, 1, terms, NOON + GAP).taken


def test_a_gap_that_a_wrong_clock_wrote_ends_within_one_gap() -> None:
    terms = Terms(every=GAP)
    ledger = took(Ledger(), 1, terms, NOON + timedelta(days=30))

    assert ledger.take(1, 0, terms, NOON) == Full(Limit.GAP, NOON + GAP)


@given(some.lists(some.integers(0, 20), min_size=1, max_size=100))
def test_no_minute_holds_more_messages_than_it_may(seconds: list[int]) -> None:
    ledger, now, sent, terms = Ledger(), NOON, list[datetime](), Terms(per_minute=3)

    for pause in seconds:
        now += timedelta(seconds=pause)
        found = ledger.take(1, 0, terms, now)
        if isinstance(found, Full):
            assert found.next_at is not None
            assert now < found.next_at <= now + timedelta(minutes=1)
            continue
        ledger, _ = found
        sent.append(now)

    counts = [bisect_left(sent, at + timedelta(minutes=1)) - x for x, at in enumerate(sent)]
    assert max(counts) <= 3


@given(LEDGERS)
def test_a_ledger_is_read_as_it_was_written(ledger: Ledger) -> None:
    assert read(written(ledger)) == ledger


def test_a_whole_day_fits_into_two_kilobytes() -> None:
    today = number_of(NOON)
    lately = tuple(NOON - timedelta(seconds=each) for each in range(30))
    ledger = Ledger({today - each: 10_000 for each in range(DAY + 1)}, NOON, lately)

    assert len(written(ledger)) < 2048


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "1", "1 0", "2 0 -", "1 x -", "1 0 x", "1 0 - 5", "1 0 - 5:", "1 0 - 5:0",
        "1 0 - 5:-3", "1 0 - a:1", "1 0 - 0:1", "1 " + "9" * 30 + " -",
    ],
)  # fmt: skip
def test_what_is_no_ledger_is_not_taken_for_an_empty_one(text: str) -> None:
    with pytest.raises(DamagedError):
        read(text)


def test_the_youngest_in_a_ledger_says_whether_anybody_uses_it() -> None:
    bucket = number_of(NOON)

    assert Ledger().youngest is None
    assert Ledger({bucket - 3: 1, bucket: 2}).youngest == NOON
    assert Ledger({bucket: 1}, NOON + GAP).youngest == NOON + GAP
    assert Ledger({}, None, (NOON - GAP, NOON)).youngest == NOON
