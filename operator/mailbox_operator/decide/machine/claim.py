"""When a Managed Mailbox holds its address, and how long a claim lasts that is not proved any more."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from mailbox_operator.decide.status.conditions import TIME_FORMAT, Standing, Status, read_time


class Claim(Enum):
    """What became of the address when an attempt succeeded.

    Attributes:
        NOT_NEEDED: Under Private nobody claims an address.
        TAKEN: The Mailbox holds it from now on.
        HELD: The Mailbox held it before, and proved it again.
        KEPT: The Mailbox held it before; this attempt neither proved nor disproved it.
        UNVERIFIED: Nobody but the tenant says that the address is the tenant's.
    """

    NOT_NEEDED = auto()
    TAKEN = auto()
    HELD = auto()
    KEPT = auto()
    UNVERIFIED = auto()

    @property
    def is_held(self) -> bool:
        """Whether the Mailbox holds the address."""
        return self in (Claim.TAKEN, Claim.HELD, Claim.KEPT)


@dataclass(frozen=True, slots=True)
class Terms:
    """The platform's terms.

    Attributes:
        grace: How long an address waits for a Mailbox that was deleted to be created again.
        lapse: How long a claim lasts that is not proved.
    """

    grace: timedelta = timedelta(minutes=10)
    lapse: timedelta = timedelta(days=7)


def claiming(before: Status, after: Status, claim: Claim, now: datetime) -> Status:
    """Write into a status what an attempt that succeeded means for the claim.

    Args:
        before: The status before the attempt.
        after: The status to complete.
        claim: What became of the address.
        now: Aware, UTC.
    """
    if not claim.is_held:
        return _unclaimed(after)
    since = "" if claim is Claim.TAKEN else before.claimed_at
    held = replace(after, claimed_at=since or now.strftime(TIME_FORMAT))
    if claim is not Claim.KEPT:
        return replace(held, unproved_since="")
    return _unproved(replace(held, unproved_since=before.unproved_since), now)


def unproved(before: Status, after: Status, now: datetime, *, lost: bool) -> Status:
    """Write into a status since when the claim is not proved: one write, no count of attempts.

    Args:
        before: The status before.
        after: The status to complete; while it says that the mailbox is connected, nothing is noted.
        now: Aware, UTC.
        lost: Another Mailbox holds the address by now.
    """
    if lost:
        return _unclaimed(after)
    kept = replace(after, claimed_at=before.claimed_at, unproved_since=before.unproved_since)
    return kept if kept.standing is Standing.CONNECTED else _unproved(kept, now)


def suspended(status: Status, now: datetime) -> Status:
    """Write into the status of a suspended Mailbox since when its claim is not proved."""
    return _unproved(status, now)


def has_lapsed(status: Status, terms: Terms, now: datetime) -> bool:
    """Say whether a claim was not proved for so long that another Mailbox may take the address."""
    since = read_time(status.unproved_since)
    return since is not None and now - since > terms.lapse


def _unclaimed(status: Status) -> Status:
    is_noted = status.claimed_at or status.unproved_since
    return replace(status, claimed_at="", unproved_since="") if is_noted else status


def _unproved(status: Status, now: datetime) -> Status:
    if not status.claimed_at or status.unproved_since:
        return status
    return replace(status, unproved_since=now.strftime(TIME_FORMAT))
