from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.machine.backoff import Pace, longest_pause, pause_after
from mailbox_operator.decide.machine.verdict import verdict_of
from mailbox_operator.decide.status.conditions import Standing
from unit.make import mailbox

TEN_MINUTES: Final = timedelta(minutes=10)
PACE: Final = Pace()
JITTERS: Final = some.floats(0, 1)


def seconds(retry: Retry, failures: int = 1, jitter: float = 0.0) -> float:
    return pause_after(retry, failures, TEN_MINUTES, PACE, jitter).total_seconds()


@pytest.mark.parametrize(
    ("failures", "longest"), [(1, 5), (2, 15), (3, 45), (4, 120), (5, 300), (6, 900), (99, 900)]
)
def test_the_backoff_waits_ever_longer_for_what_may_pass(failures: int, longest: float) -> None:
    assert seconds(Retry.BACKOFF, failures, jitter=1) == longest
    assert seconds(Retry.BACKOFF, failures, jitter=0.5) == longest / 2
    assert seconds(Retry.BACKOFF, failures, jitter=0) == pytest.approx(longest / 10)


@pytest.mark.parametrize(("failures", "hours"), [(0, 1), (1, 1), (2, 6), (99, 6)])
def test_the_backoff_looks_again_slowly_while_a_person_must_move(
    failures: int, hours: float
) -> None:
    assert seconds(Retry.PERSON, failures) == hours * 3600
    assert seconds(Retry.PERSON, failures, jitter=1) == pytest.approx(hours * 3600 * 1.1)


@pytest.mark.parametrize("failures", [1, 2, 99])
def test_the_backoff_looks_hourly_for_what_is_missing(failures: int) -> None:
    assert seconds(Retry.DEPENDENCY, failures) == 3600


@pytest.mark.parametrize(("failures", "longest"), [(1, 5), (2, 15), (6, 900), (99, 900)])
def test_what_is_missing_again_after_a_second_is_waited_for_ever_longer(
    failures: int, longest: float
) -> None:
    asked = timedelta(seconds=1)

    wait = pause_after(Retry.DEPENDENCY, failures, TEN_MINUTES, PACE, 0.5, asked)

    assert wait.total_seconds() == pytest.approx(longest / 2 * 1.05)


def test_what_is_expected_within_the_hour_is_looked_at_then() -> None:
    asked = timedelta(minutes=20)

    assert pause_after(Retry.DEPENDENCY, 1, TEN_MINUTES, PACE, 0.0, asked) == asked


@pytest.mark.parametrize(
    ("retry", "least"), [(Retry.INTERVAL, 540), (Retry.SLOWLY, 900), (Retry.HOURLY, 3600)]
)
def test_the_backoff_spreads_what_else_it_waits_for(retry: Retry, least: float) -> None:
    assert seconds(retry, jitter=0) == pytest.approx(least)
    assert seconds(retry, jitter=1) > least


@given(
    retry=some.sampled_from(Retry),
    failures=some.integers(0, 1000),
    jitter=JITTERS,
    at_least=some.timedeltas(timedelta(seconds=1), timedelta(hours=2)),
)
def test_the_backoff_never_comes_back_before_it_is_asked_to(
    retry: Retry, failures: int, jitter: float, at_least: timedelta
) -> None:
    assert pause_after(retry, failures, TEN_MINUTES, PACE, jitter, at_least) >= at_least


@given(retry=some.sampled_from(Retry), failures=some.integers(0, 1000), jitter=JITTERS)
def test_the_backoff_never_comes_back_at_once(retry: Retry, failures: int, jitter: float) -> None:
    assert seconds(retry, failures, jitter) >= 0.5


@pytest.mark.parametrize(
    ("standing", "longest"),
    [
        (Standing.CONNECTED, 1.1 * TEN_MINUTES),
        (Standing.STALLED, timedelta(hours=6.6)),
        (Standing.WAITING, timedelta(hours=6.6)),
        (Standing.RETRYING, timedelta(hours=2)),
        (None, timedelta(hours=2)),
    ],
)
def test_the_longest_pause_is_that_of_where_it_stands(
    standing: Standing | None, longest: timedelta
) -> None:
    assert longest_pause(standing, TEN_MINUTES, PACE) == longest


@given(retry=some.sampled_from(Retry), failures=some.integers(0, 20), jitter=JITTERS)
def test_no_pause_is_longer_than_the_longest(retry: Retry, failures: int, jitter: float) -> None:
    subject = verdict_of(mailbox(), Fault(Reason.UNKNOWN), retry)

    pause = pause_after(retry, failures, TEN_MINUTES, PACE, jitter)

    assert pause <= longest_pause(subject.standing, TEN_MINUTES, PACE) + timedelta(microseconds=1)
