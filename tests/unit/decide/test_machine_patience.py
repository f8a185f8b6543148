"""How often, how soon and how long the operator tries."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.machine import resume
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.machine.verdict import SUSPICIONS
from mailbox_operator.decide.status.conditions import Standing
from unit.decide.attempts import (
    BLIP,
    FINE,
    HEALTHY,
    HOUR,
    MISSING,
    PACE,
    REFUSED,
    STALLED,
    SUSPECT,
    end,
    then,
)
from unit.make import NOON, mailbox, seen, spec

NEXT: Final = mailbox(generation=2)
SUSPENDED: Final = mailbox(spec(suspend=True), generation=2)


@pytest.mark.parametrize("reason", [Reason.HOST_NOT_FOUND, Reason.DELEGATION_NOT_GRANTED])
def test_an_uncertain_fault_is_a_mistake_when_it_comes_again_and_again(reason: Reason) -> None:
    faults = [Fault(reason, certain=False)] * SUSPICIONS

    before, after = then(seen(), *faults[1:]), then(seen(), *faults)

    assert (before.status.standing, before.status.reason) == (Standing.RETRYING, reason)
    assert (after.status.standing, after.status.reason) == (Standing.STALLED, reason)


def test_other_troubles_do_not_make_an_uncertain_fault_certain() -> None:
    assert then(seen(), BLIP, BLIP, SUSPECT).status.standing is Standing.RETRYING


def test_a_change_begins_the_count_anew() -> None:
    at = replace(then(seen(), *[SUSPECT] * 5), version="v2")

    assert then(at, SUSPECT).status.standing is Standing.RETRYING


@pytest.mark.parametrize(
    ("at", "outcome", "pause"),
    [
        pytest.param(then(seen(), BLIP, BLIP, BLIP), REFUSED, HOUR, id="after other troubles"),
        pytest.param(STALLED, REFUSED, 6 * HOUR, id="again"),
        pytest.param(replace(STALLED, version="v2"), REFUSED, HOUR, id="with another password"),
        pytest.param(then(seen(), SUSPECT, SUSPECT), SUSPECT, HOUR, id="when it is certain"),
        pytest.param(then(seen(), *[SUSPECT] * 3), SUSPECT, 6 * HOUR, id="when it was certain"),
    ],
)
def test_the_machine_looks_again_slowly_at_a_trouble_that_needs_a_person(
    at: Seen, outcome: Fault, pause: timedelta
) -> None:
    assert end(at, outcome).pause == pause


def test_the_machine_waits_as_long_as_the_server_asks() -> None:
    fault = Fault(Reason.RATE_LIMITED, retry_after=2 * HOUR)

    assert end(HEALTHY, fault).pause == 2 * HOUR


def test_a_success_checks_again_after_the_interval() -> None:
    at = seen(mailbox(spec(check_interval=HOUR)))

    assert end(at, FINE).pause == 0.9 * HOUR


def test_a_success_forgets_all_but_its_time() -> None:
    known = then(STALLED, FINE).known

    assert known == Known(checked=NOON, connected=NOON, judged=STALLED.version)


def test_a_failure_keeps_the_time_of_the_last_success() -> None:
    later = then(then(STALLED, FINE), BLIP, now=NOON + HOUR).known

    assert (later.checked, later.connected) == (NOON + HOUR, NOON)


@pytest.mark.parametrize(
    ("at", "rest"),
    [
        pytest.param(HEALTHY, timedelta(minutes=5), id="healthy"),
        pytest.param(STALLED, timedelta(minutes=30), id="a person must move"),
        pytest.param(then(seen(), Fault(MISSING[0])), timedelta(minutes=30), id="waiting"),
        pytest.param(then(seen(), BLIP), timedelta(minutes=7.5), id="retrying"),
        pytest.param(seen(), None, id="new"),
        pytest.param(replace(HEALTHY, version="v2"), None, id="changed meanwhile"),
        pytest.param(seen(SUSPENDED), None, id="suspended"),
    ],
)
def test_the_machine_takes_up_its_turn_after_a_restart(at: Seen, rest: timedelta | None) -> None:
    assert resume(at, NOON, PACE, 0.5) == rest
