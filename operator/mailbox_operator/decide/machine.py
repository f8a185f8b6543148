"""The state machine of one mailbox: whether to attempt now, and what an attempt's outcome means.

Pure: what is seen and the time go in, a step or a conclusion comes out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.backoff import Pace, pause_after
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.infrastructure import ManagedInfrastructure
from mailbox_operator.decide.mailbox import CHECK_INTERVAL, Mailbox
from mailbox_operator.decide.reasons import RULES, Reason, Retry
from mailbox_operator.decide.status import Endpoint, Standing, Status, conditions

Subject = Mailbox | ManagedInfrastructure

SUSPICIONS: Final = 3
"""Failures in a row before an uncertain fault counts as a person's mistake."""

DAMPING: Final = 2
"""Failures in a row before a healthy mailbox is reported lost for a transient reason."""

REFUSALS_PER_HOUR: Final = 10
"""Refused logins within an hour before the operator pauses, lest the provider locks the account."""

PASSING: Final = frozenset({Retry.BACKOFF, Retry.SLOWLY, Retry.HOURLY})
REFUSED: Final = frozenset({Reason.INVALID_CREDENTIALS, Reason.APP_PASSWORD_REQUIRED})


@dataclass(frozen=True, slots=True)
class Known:
    """What the operator remembers of a mailbox beside its status; lost at a restart, without harm.

    Attributes:
        failures: Failed attempts in a row.
        refusals: Times of refused logins within the last hour.
    """

    failures: int = 0
    refusals: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One mailbox and all that a decision about it depends on.

    Attributes:
        status: The status as last written or watched, whichever is newer.
        version: Opaque digest of its inputs: Secrets and ManagedInfrastructure.
    """

    subject: Subject
    status: Status
    version: str
    known: Known = Known()


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before the schedule says so."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Suspended: leave the mailbox alone and say only that this generation was seen."""

    status: Status


@dataclass(frozen=True, slots=True)
class Probe:
    """Make an attempt; `announcement` is what the status says meanwhile."""

    announcement: Status


Step = Rest | Hold | Probe


@dataclass(frozen=True, slots=True)
class Proof:
    """An attempt that succeeded.

    Attributes:
        endpoint: The server that was logged in to; None where there is none (infrastructure).
        identity: The account's stable identifier at its provider; empty if it told none.
    """

    endpoint: Endpoint | None = None
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What an attempt comes to: the status to show, what to remember, how long to rest."""

    status: Status
    known: Known
    pause: timedelta
    retry: Retry


def changed(seen: Seen) -> bool:
    """Say whether spec, inputs or the reconnect annotation differ from what the status is about."""
    status = seen.status
    return (
        status.standing in (None, Standing.PROGRESSING)
        or status.observed_generation != seen.subject.generation
        or status.secret_version != seen.version
        or status.last_handled_reconnect_at != seen.subject.reconnect
    )


def decide(seen: Seen, now: datetime, *, due: bool) -> Step:
    """Say what to do with a mailbox.

    Args:
        seen: The mailbox.
        now: Aware, UTC.
        due: Whether the schedule's time for it has come; a change does not wait for that.
    """
    status = seen.status
    if _suspended(seen):
        observed = replace(status, observed_generation=seen.subject.generation)
        return Rest() if observed == status else Hold(observed)
    if not due and not changed(seen):
        return Rest()
    return Probe(announcement(seen, now))


def announcement(seen: Seen, now: datetime) -> Status:
    """Say what the status shows during an attempt: a verdict on other inputs is no verdict on these.

    The verdict of the present generation stays, so a periodic check writes nothing.
    """
    status, subject = seen.status, seen.subject
    if status.observed_generation == subject.generation and status.standing is not None:
        return status
    verdict = (
        Standing.PROGRESSING,
        Reason.PROGRESSING,
        _message(subject, Fault(Reason.PROGRESSING)),
    )
    return replace(
        status,
        observed_generation=subject.generation,
        conditions=conditions(subject.key.kind, verdict, subject.generation, status, now),
    )


def conclude(
    seen: Seen, outcome: Proof | Fault, now: datetime, pace: Pace, jitter: float
) -> Conclusion:
    """Say what an attempt's outcome means for status, memory and schedule.

    Args:
        seen: The mailbox as it was when the attempt began.
        outcome: What came of it.
        now: Aware, UTC.
        pace: The platform's retry intervals.
        jitter: From 0 to 1, drawn by the caller.
    """
    fault = outcome if isinstance(outcome, Fault) else Fault(Reason.CONNECTED)
    known = _remember(seen.known, fault, now)
    retry = _retry(fault, known)
    verdict = (_standing(retry), fault.reason, _message(seen.subject, fault))
    status = seen.status if _keeps(seen, retry, known) else _status(seen, outcome, verdict, now)
    interval = seen.subject.spec.check_interval if seen.subject.spec else CHECK_INTERVAL
    wait = pause_after(retry, known.failures, interval, pace, jitter, fault.retry_after)
    return Conclusion(status, known, wait, retry)


def resume(seen: Seen, pace: Pace, phase: float) -> timedelta | None:
    """Say when a mailbox's turn comes after a restart, from its status alone.

    Nobody is dialled who was just checked: the turns lie where `phase` puts them, so a restarted
    operator, or another replica, neither storms nor starves a server.

    Args:
        seen: The mailbox.
        pace: The platform's retry intervals.
        phase: From 0 to 1, always the same for the same mailbox.

    Returns:
        The rest until its turn; None to look at it now, because something changed meanwhile.
    """
    spec = seen.subject.spec
    if _suspended(seen) or changed(seen):
        return None
    match seen.status.standing:
        case Standing.CONNECTED:
            return (spec.check_interval if spec else CHECK_INTERVAL) * phase
        case Standing.STALLED | Standing.WAITING:
            return pace.person[0] * phase
        case _:
            return pace.transient[-1] * phase


def too_many_refusals(seen: Seen, now: datetime) -> Fault | None:
    """Say that the account needs a rest from refused logins, or None."""
    recent = _recent(seen.known.refusals, now)
    if len(recent) < REFUSALS_PER_HOUR:
        return None
    wait = recent[0] + timedelta(hours=1) - now
    return Fault(
        Reason.RATE_LIMITED,
        "too many refused logins within an hour",
        facts={"host": "The operator", "code": "too many refused logins within an hour"},
        retry_after=wait,
    )


def _suspended(seen: Seen) -> bool:
    subject = seen.subject
    return isinstance(subject, Mailbox) and subject.spec is not None and subject.spec.suspend


def _remember(known: Known, fault: Fault, now: datetime) -> Known:
    if fault.reason is Reason.CONNECTED:
        return Known()
    refusals = _recent(known.refusals, now)
    if fault.reason in REFUSED:
        refusals = (*refusals, now)[-REFUSALS_PER_HOUR:]
    return Known(known.failures + 1, refusals)


def _recent(refusals: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in refusals if now - at < timedelta(hours=1))


def _retry(fault: Fault, known: Known) -> Retry:
    suspected = not fault.certain and known.failures < SUSPICIONS
    return Retry.BACKOFF if suspected else RULES[fault.reason].retry


def _standing(retry: Retry) -> Standing:
    match retry:
        case Retry.INTERVAL:
            return Standing.CONNECTED
        case Retry.DEPENDENCY:
            return Standing.WAITING
        case Retry.PERSON:
            return Standing.STALLED
        case Retry.BACKOFF | Retry.SLOWLY | Retry.HOURLY:
            return Standing.RETRYING


def _keeps(seen: Seen, retry: Retry, known: Known) -> bool:
    """Say whether the old verdict outlasts a passing trouble: one blip proves nothing new."""
    if retry not in PASSING or changed(seen):
        return False
    match seen.status.standing:
        case Standing.CONNECTED:
            return known.failures < DAMPING
        case Standing.STALLED | Standing.WAITING:
            return True
        case _:
            return False


def _status(
    seen: Seen, outcome: Proof | Fault, verdict: tuple[Standing, Reason, str], now: datetime
) -> Status:
    subject, before = seen.subject, seen.status
    proof = outcome if isinstance(outcome, Proof) else Proof(before.endpoint)
    return Status(
        observed_generation=subject.generation,
        conditions=conditions(subject.key.kind, verdict, subject.generation, before, now),
        consent_url=before.consent_url if verdict[0] is not Standing.CONNECTED else "",
        granted_identity=proof.identity or before.granted_identity,
        secret_version=seen.version,
        last_handled_reconnect_at=subject.reconnect,
        endpoint=proof.endpoint if isinstance(subject, Mailbox) else None,
    )


def _message(subject: Subject, fault: Fault) -> str:
    rule, facts = RULES[fault.reason], {"infrastructure": subject.key.name}
    if isinstance(subject, Mailbox) and subject.spec is not None:
        spec = subject.spec
        facts = {"address": spec.address, "infrastructure": spec.infrastructure_name}
        facts |= {"secret": f"Secret {spec.secret}"} if spec.secret else {}
    platform = isinstance(subject, ManagedInfrastructure)
    return rule.message(subject.infrastructure, {**facts, **fault.facts}, platform=platform)
