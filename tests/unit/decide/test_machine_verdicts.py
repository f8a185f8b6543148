"""What an outcome does to what was said before."""

from dataclasses import replace
from typing import Final

import pytest

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.machine import DAMPING, decide
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.machine.steps import Probe
from mailbox_operator.decide.machine.verdict import SUSPICIONS
from mailbox_operator.decide.status.conditions import Standing
from unit.decide.attempts import (
    BLIP,
    FINE,
    HEALTHY,
    HOUR,
    HUMAN,
    MISSING,
    STALLED,
    TRANSIENT,
    end,
    then,
)
from unit.make import NOON, mailbox, seen

NEXT: Final = mailbox(generation=2)
ASKED: Final = mailbox(reconnect="now")


def refused(reason: Reason) -> Seen:
    """Make a mailbox with that verdict, which still holds."""
    held = reason is Reason.ALREADY_CLAIMED
    return replace(then(seen(), Fault(reason)), held_by_another=held)


@pytest.mark.parametrize("reason", HUMAN)
def test_what_a_person_must_mend_stalls_at_once(reason: Reason) -> None:
    conclusion = end(HEALTHY, Fault(reason))

    assert (conclusion.status.standing, conclusion.status.reason) == (Standing.STALLED, reason)
    assert conclusion.pause == HOUR


@pytest.mark.parametrize("reason", MISSING)
def test_what_is_missing_is_waited_for(reason: Reason) -> None:
    conclusion = end(HEALTHY, Fault(reason))

    assert (conclusion.status.standing, conclusion.status.reason) == (Standing.WAITING, reason)
    assert conclusion.pause == HOUR


@pytest.mark.parametrize("reason", TRANSIENT)
def test_one_blip_is_no_news_of_a_healthy_mailbox(reason: Reason) -> None:
    once, twice = then(HEALTHY, Fault(reason)), then(HEALTHY, *[Fault(reason)] * DAMPING)

    assert once.status is not HEALTHY.status
    assert once.status == HEALTHY.status
    assert (twice.status.standing, twice.status.reason) == (Standing.RETRYING, reason)


@pytest.mark.parametrize("reason", TRANSIENT)
def test_a_new_mailbox_shows_the_first_trouble(reason: Reason) -> None:
    assert then(seen(), Fault(reason)).status.reason == reason


@pytest.mark.parametrize("human", [*HUMAN, *MISSING])
def test_a_passing_trouble_hides_no_reason_that_a_person_must_mend(human: Reason) -> None:
    at = refused(human)

    assert then(at, *[BLIP] * 9).status == at.status


def test_a_passing_trouble_keeps_no_verdict_on_an_address_that_is_free_again() -> None:
    at = replace(refused(Reason.ALREADY_CLAIMED), held_by_another=False)

    assert then(at, BLIP).status.reason == Reason.CONNECTION_TIMEOUT


@pytest.mark.parametrize("human", [*HUMAN, *MISSING])
def test_a_request_is_answered_though_trouble_passes(human: Reason) -> None:
    at = replace(refused(human), subject=ASKED)

    after = then(at, BLIP).status

    assert (after.reason, after.last_handled_reconnect_at) == (human, "now")


def test_a_passing_trouble_on_another_spec_is_news() -> None:
    assert then(replace(STALLED, subject=NEXT), BLIP).status.reason == Reason.CONNECTION_TIMEOUT


@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if reason is not Reason.PROGRESSING]
)
def test_every_reason_is_overcome_by_a_changed_secret_alone(reason: Reason) -> None:
    at = replace(then(seen(), *[Fault(reason)] * 3), version="v2")

    assert isinstance(decide(at, NOON, due=False), Probe)
    assert then(at, FINE).status.standing is Standing.CONNECTED


@pytest.mark.parametrize("certain", [True, False])
@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if reason is not Reason.PROGRESSING]
)
def test_the_same_again_is_no_news(reason: Reason, certain: bool) -> None:  # noqa: FBT001 - drawn
    outcome = FINE if reason is Reason.CONNECTED else Fault(reason, certain=certain)
    at = then(seen(), *[outcome] * SUSPICIONS)

    assert end(at, outcome, NOON + HOUR / 2).status == at.status
