"""A claim is dated where it is taken, and where it is not proved any more; neither is written twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.claim import Claim, Terms, has_lapsed
from mailbox_operator.decide.machine.machine import Proof, announcement, conclude, decide
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.machine.steps import Hold, Probe, Rest
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Infrastructure
from unit.make import ENDPOINT, NOON, mailbox, oauth_spec, seen

LATER: Final = NOON + timedelta(hours=1)
AT_NOON: Final = "2026-11-23T12:00:00Z"
BEFORE: Final = "2026-11-20T12:00:00Z"
MANAGED: Final = oauth_spec(infrastructure=Infrastructure.MANAGED, secret=None)
JANE: Final = mailbox(MANAGED)
REVOKED: Final = Fault(Reason.GRANT_REVOKED)


def after(at: Seen, outcome: Proof | Fault, hours: int = 0) -> Status:
    now = NOON + timedelta(hours=hours)
    return conclude(at, outcome, now, Pace(), 0.5, "https://mailboxes.example").status


def proof(claim: Claim) -> Proof:
    return Proof(ENDPOINT, "sub-1", claim=claim)


def standing(outcome: Proof | Fault | None = None) -> Seen:
    """Have seen Jane's Mailbox after an attempt, by default one that took the address."""
    status = after(seen(JANE), outcome or proof(Claim.TAKEN))
    return seen(replace(JANE, status=status), status)


def test_a_proof_takes_the_address() -> None:
    status = after(seen(JANE), proof(Claim.TAKEN))

    assert (status.claimed_at, status.unproved_since) == (AT_NOON, "")


def test_a_further_proof_writes_nothing() -> None:
    held = standing()

    assert after(held, proof(Claim.HELD), hours=1) == held.status


def test_an_unverified_login_is_healthy_and_claims_nothing() -> None:
    status = after(seen(JANE), proof(Claim.UNVERIFIED))

    ready = status.condition("Ready")
    assert (ready and ready.status, status.reason) == ("True", Reason.CONNECTED_UNVERIFIED)
    assert status.claimed_at == ""


def test_an_unverified_login_ends_a_row_of_failures() -> None:
    failing = conclude(seen(JANE), REVOKED, NOON, Pace(), 0.5).known

    known = conclude(seen(JANE, known=failing), proof(Claim.UNVERIFIED), LATER, Pace(), 0.5).known

    assert (failing.failures, known.failures, known.connected) == (1, 0, LATER)


def test_a_claim_of_old_that_is_not_proved_is_dropped() -> None:
    status = after(standing(), proof(Claim.UNVERIFIED), hours=1)

    assert (status.reason, status.claimed_at) == (Reason.CONNECTED_UNVERIFIED, "")


def test_a_claim_outlasts_a_look_up_that_failed() -> None:
    status = after(standing(), proof(Claim.KEPT), hours=1)

    assert (status.reason, status.claimed_at) == (Reason.CONNECTED, AT_NOON)
    assert status.unproved_since == "2026-11-23T13:00:00Z"


def test_a_failure_dates_the_claim_once() -> None:
    failing = after(standing(), REVOKED, hours=1)

    again = after(seen(JANE, failing), REVOKED, hours=2)

    assert (failing.claimed_at, failing.unproved_since) == (AT_NOON, "2026-11-23T13:00:00Z")
    assert again == failing


def test_an_edited_spec_does_not_renew_a_claim() -> None:
    failing = after(standing(), REVOKED, hours=1)
    edited = seen(replace(JANE, generation=2), failing)

    announced = announcement(edited, NOON + timedelta(hours=5))

    assert (announced.claimed_at, announced.unproved_since) == (AT_NOON, failing.unproved_since)


def test_a_passing_trouble_dates_the_claim_of_a_mailbox_that_needs_a_person() -> None:
    stalled = replace(standing(REVOKED).status, claimed_at=BEFORE)

    status = after(seen(JANE, stalled), Fault(Reason.NETWORK_UNAVAILABLE), hours=1)

    assert (status.reason, status.unproved_since) == (Reason.GRANT_REVOKED, "2026-11-23T13:00:00Z")


def test_a_proof_ends_the_doubt() -> None:
    failing = after(standing(), REVOKED, hours=1)

    status = after(seen(JANE, failing), proof(Claim.HELD), hours=2)

    assert (status.claimed_at, status.unproved_since) == (AT_NOON, "")


def test_an_address_that_is_taken_over_is_dated_anew() -> None:
    failing = after(standing(), REVOKED, hours=1)

    status = after(seen(JANE, failing), proof(Claim.TAKEN), hours=2)

    assert status.claimed_at == "2026-11-23T14:00:00Z"


@pytest.mark.parametrize("outcome", [REVOKED, Fault(Reason.ALREADY_CLAIMED)])
def test_a_mailbox_whose_address_another_took_holds_it_no_more(outcome: Fault) -> None:
    failing = after(standing(), REVOKED, hours=1)

    status = after(replace(seen(JANE, failing), held_by_another=True), outcome, hours=2)

    assert (status.claimed_at, status.unproved_since) == ("", "")


def test_a_suspended_mailbox_dates_its_claim_once() -> None:
    suspended = replace(JANE, spec=replace(MANAGED, suspend=True))
    status = standing().status

    step = decide(seen(suspended, status), LATER, due=False)

    assert isinstance(step, Hold)
    assert (step.status.claimed_at, step.status.unproved_since) == (AT_NOON, "2026-11-23T13:00:00Z")
    assert isinstance(decide(seen(suspended, step.status), NOON, due=True), Rest)


def test_a_mailbox_that_was_refused_an_address_tries_again_when_it_is_free() -> None:
    refused = after(seen(JANE), Fault(Reason.ALREADY_CLAIMED))
    waiting = replace(seen(JANE, refused), held_by_another=True)

    assert isinstance(decide(waiting, LATER, due=False), Rest)
    assert isinstance(decide(replace(waiting, held_by_another=False), LATER, due=False), Probe)


@pytest.mark.parametrize(
    ("wait", "pause"),
    [
        pytest.param(None, timedelta(minutes=63), id="hourly"),
        pytest.param(timedelta(minutes=10), timedelta(minutes=10.5), id="when it will be free"),
    ],
)
def test_a_mailbox_that_was_refused_an_address_waits(
    wait: timedelta | None, pause: timedelta
) -> None:
    refused = Fault(Reason.ALREADY_CLAIMED, retry_after=wait)

    assert conclude(seen(JANE), refused, NOON, Pace(), 0.5).pause == pause


@pytest.mark.parametrize(
    ("since", "lapsed"),
    [
        pytest.param("", False, id="proved"),
        pytest.param("2026-11-16T12:00:00Z", False, id="just within"),
        pytest.param("2026-11-16T11:59:59Z", True, id="too long ago"),
        pytest.param("2026-99-16T11:59:59Z", False, id="no time"),
    ],
)
def test_a_claim_lapses(since: str, lapsed: bool) -> None:  # noqa: FBT001 - a column
    status = Status(claimed_at="2026-11-01T12:00:00Z", unproved_since=since)

    assert has_lapsed(status, Terms(), NOON) is lapsed
