from dataclasses import replace
from typing import Final

import pytest

from mailbox_operator.decide.machine.machine import announcement, decide
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.machine.steps import Hold, Probe, Rest, Step
from mailbox_operator.decide.status.conditions import Standing
from unit.decide.attempts import (
    FINE,
    HEALTHY,
    REFUSED,
    STALLED,
    end,
    then,
)
from unit.make import ENDPOINT, NOON, infrastructure, mailbox, seen, spec

NEXT: Final = mailbox(generation=2)
ASKED: Final = mailbox(reconnect="now")
SUSPENDED: Final = mailbox(spec(suspend=True), generation=2)
PAUSED: Final = replace(HEALTHY.status, observed_generation=2)


@pytest.mark.parametrize(
    ("at", "due", "step"),
    [
        pytest.param(seen(), False, Probe, id="a new mailbox"),
        pytest.param(HEALTHY, False, Rest, id="a healthy one"),
        pytest.param(HEALTHY, True, Probe, id="a healthy one whose turn has come"),
        pytest.param(STALLED, False, Rest, id="a refused one"),
        pytest.param(
            replace(STALLED, subject=NEXT), False, Probe, id="a refused one, spec changed"
        ),
        pytest.param(
            replace(STALLED, version="v2"), False, Probe, id="a refused one, Secret changed"
        ),
        pytest.param(replace(STALLED, subject=ASKED), False, Probe, id="a refused one, asked for"),
        pytest.param(seen(SUSPENDED), True, Hold, id="a suspended new one"),
        pytest.param(replace(HEALTHY, subject=SUSPENDED), True, Hold, id="a suspended healthy one"),
        pytest.param(seen(SUSPENDED, PAUSED), True, Rest, id="one that was suspended before"),
        pytest.param(seen(infrastructure()), False, Probe, id="a new infrastructure"),
    ],
)
def test_decides(at: Seen, due: bool, step: type[Step]) -> None:  # noqa: FBT001 - a column
    assert isinstance(decide(at, NOON, due=due), step)


def test_a_suspended_mailbox_shows_that_it_was_seen_and_nothing_else() -> None:
    step = decide(replace(HEALTHY, subject=SUSPENDED), NOON, due=True)

    assert step == Hold(PAUSED)


def test_a_new_mailbox_is_announced() -> None:
    status = announcement(seen(), NOON)

    assert (status.standing, status.observed_generation) == (Standing.PROGRESSING, 1)


def test_a_new_generation_is_announced_with_what_else_is_known() -> None:
    status = announcement(replace(HEALTHY, subject=NEXT), NOON)

    assert (status.standing, status.observed_generation) == (Standing.PROGRESSING, 2)
    assert (status.endpoint, status.granted_identity) == (ENDPOINT, "1077")


@pytest.mark.parametrize("at", [HEALTHY, STALLED, replace(STALLED, version="v2")])
def test_a_verdict_on_this_generation_stays_meanwhile(at: Seen) -> None:
    assert announcement(at, NOON) is at.status


def test_a_proof_is_written_down() -> None:
    at = replace(seen(ASKED), version="v9")

    status = end(at, FINE).status

    assert status.standing is Standing.CONNECTED
    assert (status.endpoint, status.granted_identity) == (ENDPOINT, "1077")
    assert (status.secret_version, status.last_handled_reconnect_at) == ("v9", "now")


def test_a_failure_forgets_neither_server_nor_identity() -> None:
    status = then(HEALTHY, REFUSED).status

    assert (status.endpoint, status.granted_identity) == (ENDPOINT, "1077")


def test_an_infrastructure_has_no_server_of_its_own() -> None:
    assert end(seen(infrastructure()), FINE).status.endpoint is None
