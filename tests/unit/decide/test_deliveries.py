"""What gateways note of messages, and what the operator makes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.deliveries import NO_DELIVERIES, Deliveries, deliveries_of
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.deliveries import (
    CLOCK_SKEW,
    LONGEST_UNCHECKED,
    limit_met,
)
from mailbox_operator.decide.machine.machine import conclude, decide, resume
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.machine.steps import Probe, Rest, Spare
from mailbox_operator.decide.names import LIMITED, SENT
from mailbox_operator.decide.status.conditions import Standing
from unit.decide.attempts import HEALTHY, STALLED
from unit.make import NOON

MINUTE: Final = timedelta(minutes=1)
INTERVAL: Final = HEALTHY.subject.check_interval


def noted(seen: Seen, checked: datetime = NOON, **news: datetime) -> Seen:
    """Have news of messages on an object that was checked then."""
    subject = replace(seen.subject, deliveries=Deliveries(**news))
    return replace(seen, subject=subject, known=replace(seen.known, connected=checked))


def test_a_mailbox_that_mail_goes_through_is_not_checked() -> None:
    seen, now = noted(HEALTHY, sent=NOON + MINUTE), NOON + 3 * MINUTE

    assert decide(seen, now, due=True) == Spare(INTERVAL - 2 * MINUTE)
    assert decide(seen, now, due=False) == Rest()


@pytest.mark.parametrize(
    ("checked", "sent"),
    [
        pytest.param(NOON, NOON + MINUTE - INTERVAL, id="mail of before the check"),
        pytest.param(NOON - INTERVAL - MINUTE, NOON + MINUTE - INTERVAL, id="mail of long ago"),
        pytest.param(NOON, NOON + timedelta(days=1), id="mail of tomorrow"),
        pytest.param(NOON + MINUTE - LONGEST_UNCHECKED, NOON, id="no check for a day"),
    ],
)
def test_other_mail_spares_a_mailbox_no_check(checked: datetime, sent: datetime) -> None:
    seen = noted(HEALTHY, checked, sent=sent)

    assert isinstance(decide(seen, NOON + MINUTE, due=True), Probe)


def test_mail_spares_no_check_of_a_mailbox_that_this_replica_never_checked() -> None:
    seen = noted(HEALTHY, sent=NOON)
    seen = replace(seen, known=replace(seen.known, connected=None))

    assert isinstance(decide(seen, NOON + MINUTE, due=True), Probe)


def test_mail_spares_a_mailbox_in_trouble_no_check() -> None:
    assert isinstance(decide(noted(STALLED, sent=NOON), NOON + MINUTE, due=True), Probe)


def test_mail_spares_no_check_that_somebody_asked_for() -> None:
    seen = noted(HEALTHY, sent=NOON)
    asked = replace(seen, subject=replace(seen.subject, reconnect="now"))

    assert isinstance(decide(asked, NOON + MINUTE, due=True), Probe)


def test_a_limit_that_a_message_met_is_looked_at_once_and_shown_at_once() -> None:
    seen, now = noted(HEALTHY, limited=NOON), NOON + MINUTE
    met = limit_met(seen.subject, now)

    assert isinstance(decide(seen, now, due=False), Probe)
    assert met is not None
    conclusion = conclude(seen, met, now, Pace(), 0.0)
    assert conclusion.status.standing is Standing.RETRYING
    assert conclusion.status.reason == Reason.SENDING_LIMIT_REACHED
    assert conclusion.pause >= 59 * MINUTE
    shown = replace(seen, status=conclusion.status, known=conclusion.known)
    assert decide(shown, now, due=False) == Rest()


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), CLOCK_SKEW])
def test_a_limit_that_a_gateway_whose_clock_is_ahead_met_is_looked_at_when_its_note_comes(
    ahead: timedelta,
) -> None:
    seen = noted(HEALTHY, limited=NOON + ahead)

    met = limit_met(seen.subject, NOON)

    assert isinstance(decide(seen, NOON, due=False), Probe)
    assert met is not None
    next_look = NOON + conclude(seen, met, NOON, Pace(), 0.0).pause
    assert limit_met(seen.subject, next_look) is None


@pytest.mark.parametrize(
    "limited", [NOON + CLOCK_SKEW + timedelta(seconds=1), datetime.max.replace(tzinfo=UTC)]
)
def test_a_limit_of_a_later_time_than_a_clock_may_be_ahead_says_nothing(limited: datetime) -> None:
    assert limit_met(noted(HEALTHY, limited=limited).subject, NOON) is None


@pytest.mark.parametrize("ago", [timedelta(), 59 * MINUTE])
def test_a_limit_met_while_no_operator_ran_is_looked_at_when_one_starts(ago: timedelta) -> None:
    seen = replace(noted(HEALTHY, limited=NOON - ago), known=Known())

    assert resume(seen, NOON, Pace(), 0.5) is None


def test_a_limit_that_the_status_tells_of_is_no_news_to_an_operator_that_starts() -> None:
    seen = noted(HEALTHY, limited=NOON)
    met = limit_met(seen.subject, NOON)
    assert met is not None
    shown = replace(seen, status=conclude(seen, met, NOON, Pace(), 0.0).status, known=Known())

    assert resume(shown, NOON, Pace(), 0.5) == Pace().transient[-1] * 0.5


@pytest.mark.parametrize("hours", [-1, 1, 24])
def test_a_limit_of_another_hour_says_nothing(hours: int) -> None:
    assert limit_met(noted(HEALTHY, limited=NOON).subject, NOON + timedelta(hours=hours)) is None


@pytest.mark.parametrize(
    ("annotations", "news"),
    [
        (None, NO_DELIVERIES),
        (True, NO_DELIVERIES),
        ({SENT: "2026-11-23T12:00:00Z"}, Deliveries(sent=NOON)),
        ({LIMITED: "2026-11-23T12:00:00Z", SENT: "yesterday"}, Deliveries(limited=NOON)),
        ({SENT: "", LIMITED: "x" * 10_000}, NO_DELIVERIES),
    ],
)
def test_a_note_that_is_no_time_is_no_note(annotations: Any, news: Deliveries) -> None:
    assert deliveries_of({"annotations": annotations}) == news
