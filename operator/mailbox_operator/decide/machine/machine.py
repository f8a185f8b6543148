"""The state machine of one mailbox: whether to attempt now, and what an attempt's outcome means.

Pure: what is seen and the time go in, a step or a conclusion comes out. The theory of operation is at
the head of this package; docs/states.md has the transition table, drawn from this code.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.machine.backoff import Pace, pause_after
from mailbox_operator.decide.machine.claim import Claim, claiming, suspended, unproved
from mailbox_operator.decide.machine.consent import consent_link
from mailbox_operator.decide.machine.deliveries import is_limit_news, spared
from mailbox_operator.decide.machine.lasting import has_lasted, remembered
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.machine.steps import Hold, Probe, Rest, Spare, Step
from mailbox_operator.decide.machine.verdict import SUSPICIONS, message_of, retry_of, verdict_of
from mailbox_operator.decide.status.conditions import (
    Endpoint,
    Standing,
    Status,
    Verdict,
    conditions,
)

DAMPING: Final = 2
"""Failures in a row before a healthy mailbox is reported lost for a transient reason."""

AT_THE_LINK: Final = " at status.consentURL"
NO_PAGE: Final = ", once the platform has a consent page (consent.publicURL),"

PASSING: Final = frozenset({Retry.BACKOFF, Retry.SLOWLY, Retry.HOURLY})


@dataclass(frozen=True, slots=True)
class Proof:
    """An attempt that succeeded.

    Attributes:
        endpoint: The server that was logged in to; None where there is none (infrastructure).
        identity: The account's stable identifier at its provider; empty if it told none.
        ownership: Whether the login proves who owns the address, or only the login.
        claim: What became of the address.
        binding: Name of the Secret that a Sender's login is written in; empty of other kinds.
    """

    endpoint: Endpoint | None = None
    identity: str = ""
    ownership: Ownership = Ownership.UNPROVED
    claim: Claim = Claim.NOT_NEEDED
    binding: str = ""


def reason_of(outcome: Proof | Exception) -> Reason:
    """Name what an attempt ended with; whatever is no fault is a bug."""
    match outcome:
        case Proof(claim=Claim.UNVERIFIED):
            return Reason.CONNECTED_UNVERIFIED
        case Proof(binding=binding) if binding:
            return Reason.AVAILABLE
        case Proof():
            return Reason.CONNECTED
        case Fault():
            return outcome.reason
        case _:
            return Reason.INTERNAL_ERROR


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What an attempt comes to: the status to show, what to remember, how long to rest."""

    status: Status
    known: Known
    pause: timedelta
    retry: Retry


def changed(seen: Seen) -> bool:
    """Say whether spec, inputs, annotation, a refused address or its Secret are not as they were."""
    asked = seen.status.last_handled_reconnect_at != seen.subject.reconnect
    return not seen.is_judged or asked or seen.is_freed or seen.is_disturbed


def decide(seen: Seen, now: datetime, *, due: bool) -> Step:
    """Say what to do with a mailbox.

    Args:
        seen: The mailbox.
        now: Aware, UTC.
        due: Whether the schedule's time for it has come; a change does not wait for that.
    """
    if seen.subject.suspended:
        noted = suspended(seen.status, now)
        observed = replace(noted, observed_generation=seen.subject.generation)
        return Rest() if observed == seen.status else Hold(observed)
    if changed(seen) or is_limit_news(seen, now):
        return Probe(announcement(seen, now))
    if not due:
        return Rest()
    rest = spared(seen, now)
    return Spare(rest) if rest else Probe(announcement(seen, now))


def announcement(seen: Seen, now: datetime) -> Status:
    """Say what the status shows during an attempt: a verdict on another spec is none on this one.

    The verdict on the present spec stays, so a periodic check writes nothing.
    """
    status, subject = seen.status, seen.subject
    generation = subject.generation
    if status.observed_generation == generation and status.standing is not None:
        return status
    message = message_of(subject, Fault(Reason.PROGRESSING))
    verdict = Verdict(Standing.PROGRESSING, Reason.PROGRESSING, message)
    connects = KINDS[subject.key.kind].connects
    written = conditions(verdict, generation, status, now, connects=connects)
    announced = replace(status, observed_generation=generation, conditions=written)
    return unproved(status, announced, now, lost=seen.held_by_another)


def conclude(
    seen: Seen,
    outcome: Proof | Fault,
    now: datetime,
    pace: Pace,
    jitter: float,
    public_url: str = "",
) -> Conclusion:
    """Say what an attempt's outcome means for status, memory and schedule.

    Args:
        seen: The mailbox as it was when the attempt began.
        outcome: What came of it.
        now: Aware, UTC.
        pace: The platform's retry intervals.
        jitter: From 0 to 1, drawn by the caller.
        public_url: Where the consent page is; empty if there is none.
    """
    fault = outcome if isinstance(outcome, Fault) else Fault(reason_of(outcome))
    fault = fault.with_facts(**seen.selection.facts) if seen.selection else fault
    known = seen.known.after(fault.reason, now, seen.stamp, afresh=not seen.is_judged)
    known = remembered(seen, known, now)
    lasted = pace.lasting if has_lasted(known, now, pace.lasting) else None
    retry = retry_of(fault, known.repeats)
    if _outlasts(seen, retry, known, now):
        status = replace(seen.status, last_handled_reconnect_at=seen.subject.reconnect)
        status = unproved(seen.status, status, now, lost=seen.held_by_another)
    else:
        link = consent_link(public_url, seen.subject, fault.reason)
        page = AT_THE_LINK if link else "" if public_url else NO_PAGE
        verdict = verdict_of(seen.subject, fault.with_facts(page=page), retry, lasted)
        status = _unless_only_newer(_status(seen, outcome, verdict, now, link), seen)
    tries, interval = _tries(fault, retry, known), seen.subject.check_interval
    wait = pause_after(retry, tries, interval, pace, jitter, fault.retry_after)
    return Conclusion(status, known, wait, retry)


def resume(
    seen: Seen, now: datetime, pace: Pace, phase: float, public_url: str = ""
) -> timedelta | None:
    """Say when a mailbox's turn comes after a restart, from its status alone.

    Nobody is dialled who was just checked: the turns lie where `phase` puts them, so a restarted
    operator, or another replica, neither storms nor starves a server.

    Args:
        seen: The mailbox.
        now: Aware, UTC.
        pace: The platform's retry intervals.
        phase: From 0 to 1, always the same for the same mailbox.
        public_url: Where the consent page is; a link to a former place is replaced at once.

    Returns:
        The rest until its turn; None to look at it now, because something changed meanwhile.
    """
    if seen.subject.suspended or changed(seen) or is_limit_news(seen, now):
        return None
    if consent_link(public_url, seen.subject, seen.status.reason) != seen.status.consent_url:
        return timedelta()
    match seen.status.standing:
        case Standing.CONNECTED:
            return seen.subject.check_interval * phase
        case Standing.STALLED | Standing.WAITING:
            return pace.person[0] * phase
        case _:
            return pace.transient[-1] * phase


def _outlasts(seen: Seen, retry: Retry, known: Known, now: datetime) -> bool:
    """Say whether the old verdict outlasts a passing trouble: one blip proves nothing new."""
    if retry not in PASSING or is_limit_news(seen, now) or not seen.is_judged or seen.is_freed:
        return False
    match seen.status.standing:
        case Standing.CONNECTED:
            return known.failures < DAMPING
        case Standing.STALLED | Standing.WAITING:
            return True
        case _:
            return False


def _tries(fault: Fault, retry: Retry, known: Known) -> int:
    """Count the attempts that the pause goes by: a person's move begins when it is known to be one."""
    if retry is not Retry.PERSON:
        return known.failures
    return known.repeats if fault.certain else known.repeats - SUSPICIONS + 1


def _status(
    seen: Seen, outcome: Proof | Fault, verdict: Verdict, now: datetime, link: str
) -> Status:
    subject, before = seen.subject, seen.status
    connects = KINDS[subject.key.kind].connects
    proof = outcome if isinstance(outcome, Proof) else Proof(before.endpoint)
    after = Status(
        observed_generation=subject.generation,
        conditions=conditions(verdict, subject.generation, before, now, connects=connects),
        consent_url=link,
        granted_identity=proof.identity or before.granted_identity,
        secret_version=seen.stamp,
        last_handled_reconnect_at=subject.reconnect,
        endpoint=proof.endpoint if connects else None,
        binding=seen.binding_after(verdict.reason),
        mailboxes=seen.selection.count if seen.selection else None,
        capacity=before.capacity,
    )
    if isinstance(outcome, Proof):
        return claiming(before, after, outcome.claim, now)
    return unproved(before, after, now, lost=seen.held_by_another or subject.used is None)


def _unless_only_newer(status: Status, seen: Seen) -> Status:
    """Keep the status if all that differs is that a Secret was written: that is worth no write."""
    before = seen.status
    return before if seen.is_stamped and status.says_as_much_as(before) else status
