"""What a status says of a limit, and when it is worth a write. Pure.

A Mailbox is told what was counted as its address. A Sender is told the lower of its own limit and what
its connected mailboxes may send together; a mailbox without a limit leaves its own alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.sending.claims import ledger_of_address, ledger_of_sender
from mailbox_operator.decide.sending.kept import UncountedError
from mailbox_operator.decide.sending.ledger import Ledger
from mailbox_operator.decide.sending.terms import terms_of
from mailbox_operator.decide.status.capacity import CAPACITY, Capacity, CapacityReason
from mailbox_operator.decide.status.conditions import TIME_FORMAT, Condition, Status

AT_MOST_EVERY: Final = timedelta(minutes=10)
NEARLY: Final = 0.8
"""Of a limit; from here on a status is written at once: the rest is short."""

ROOM: Final = "There is room within the limit of recipients in 24 hours."
REACHED: Final = (
    "The limit of recipients in 24 hours is reached: mail is answered with 450, to be tried again."
    " status.capacity.nextAt says when there is room."
)
PROVIDERS: Final = (
    "The provider's own sending limit is reached. Providers do not say until when; the operator looks"
    " again within an hour."
)
UNCOUNTED: Final = "It is not known what was sent: {why}."
NONE_CONNECTED: Final = "no Mailbox is connected that it could be sent by"

Look = Callable[[str], Ledger]
"""Returns the ledger of a name, an empty one where there is none; raises `UncountedError`."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a status says of capacity.

    Attributes:
        state: Of the condition: True, False or Unknown.
        capacity: In numbers; None where they are not known.
    """

    state: str
    reason: str
    message: str
    capacity: Capacity | None = None

    @property
    def level(self) -> int:
        """How far it is from the limit: 0, 1 from 80 % on, 2 at the limit, -1 where that is unknown."""
        if self.state != "True" or self.capacity is None:
            return {"False": 2}.get(self.state, -1)
        limit, available = self.capacity.limit, self.capacity.available
        return 1 if limit - available >= NEARLY * limit else 0


@dataclass(frozen=True, slots=True)
class _Count:
    limit: int
    used: int
    next_at: datetime | None

    @property
    def available(self) -> int:
        return max(0, self.limit - self.used)


def of_mailbox(case: Case, look: Look, now: datetime) -> Report | None:
    """Say what is left of the limit of a Mailbox; None where nothing is limited.

    Args:
        case: The Mailbox.
        look: Returns what was counted.
        now: Aware, UTC.
    """
    is_met = case.mailbox.status.reason == Reason.SENDING_LIMIT_REACHED
    try:
        count = _of_address(case, look, now)
    except UncountedError as error:
        return _uncounted(str(error))
    if is_met:
        counted = Capacity(count.limit, count.used, 0) if count else None
        return Report("False", CapacityReason.LIMIT_REACHED, PROVIDERS, counted)
    return _reported(count) if count else None


def of_sender(
    sender: ReadableSender,
    connected: Sequence[Case],
    others: Sequence[Case],
    look: Look,
    now: datetime,
) -> Report | None:
    """Say what is left of the limit of a Sender; None where nothing is limited.

    Args:
        sender: The Sender.
        connected: Those of its mailboxes that are.
        others: The rest of them.
        look: Returns what was counted.
        now: Aware, UTC.
    """
    own = sender.spec.limits.per_day
    if not connected:
        limits = (own, *(terms_of(each, now).per_day for each in others))
        return _uncounted(NONE_CONNECTED) if any(limits) else None
    try:
        of_own = _counted(own, look(ledger_of_sender(sender.key)), now) if own else None
        of_boxes = _together([_of_address(each, look, now) for each in connected])
    except UncountedError as error:
        return _uncounted(str(error))
    count = _lower(of_own, of_boxes)
    return _reported(*count) if count else None


def is_due(shown: Report | None, found: Report | None, shown_at: datetime, now: datetime) -> bool:
    """Say whether what was found is written now.

    That is at once when the limit is another one, or nearly or wholly used up, or far from it again.
    What lies between is worth a write every ten minutes.

    Args:
        shown: What the status says.
        found: What is so now.
        shown_at: When the status was last written for this.
        now: Aware, UTC.
    """
    if shown == found:
        return False
    if shown is None or found is None or _limit(shown) != _limit(found):
        return True
    before, after = shown.level, found.level
    return after > before or after < 1 <= before or after < 0 or now - shown_at >= AT_MOST_EVERY


def shown_in(status: Status) -> Report | None:
    """Read what a status says of capacity."""
    condition = status.condition(CAPACITY)
    if condition is None:
        return None if status.capacity is None else Report("", "", "", status.capacity)
    return Report(condition.status, condition.reason, condition.message, status.capacity)


def saying(status: Status, report: Report | None, now: datetime) -> Status:
    """Return a status that says this of capacity, and the same as before of all else."""
    if report is None:
        return _shown(status, None, None)
    before, said = status.condition(CAPACITY), (report.state, report.reason, report.message)
    is_kept = before is not None and before.status == report.state
    since = before.last_transition_time if before and is_kept else now.strftime(TIME_FORMAT)
    written = Condition(CAPACITY, *said, status.observed_generation, since)
    return _shown(status, written, report.capacity)


def counted_as(status: Status, other: Status) -> Status:
    """Return a status that says of capacity what the other does."""
    found = other.condition(CAPACITY)
    theirs = replace(found, observed_generation=status.observed_generation) if found else None
    return _shown(status, theirs, other.capacity)


def _shown(status: Status, condition: Condition | None, capacity: Capacity | None) -> Status:
    """Put this in place of all that a status says of capacity."""
    others = tuple(each for each in status.conditions if each.type != CAPACITY)
    written = (condition,) if condition else ()
    return replace(status, conditions=(*others, *written), capacity=capacity)


def _of_address(case: Case, look: Look, now: datetime) -> _Count | None:
    limit = terms_of(case, now).per_day
    if limit is None:
        return None
    return _counted(limit, look(ledger_of_address(case.mailbox.address)), now)


def _counted(limit: int, ledger: Ledger, now: datetime) -> _Count:
    used = ledger.used(now)
    return _Count(limit, used, ledger.room_at(1, limit, now) if used >= limit else None)


def _together(counts: Sequence[_Count | None]) -> tuple[_Count, int] | None:
    """Add mailboxes up, and what is left of each; None where one of them has no limit."""
    limited = [each for each in counts if each is not None]
    if len(limited) < len(counts):
        return None
    first = min((each.next_at for each in limited if each.next_at), default=None)
    total = _Count(sum(x.limit for x in limited), sum(x.used for x in limited), first)
    return total, sum(each.available for each in limited)


def _lower(own: _Count | None, boxes: tuple[_Count, int] | None) -> tuple[_Count, int] | None:
    if own is None or boxes is None:
        return (own, own.available) if own else boxes
    total, left = boxes
    available = min(own.available, left)
    waits = ((own, own.available), boxes)
    latest = max((each.next_at for each, rest in waits if not rest and each.next_at), default=None)
    return _Count(min(own.limit, total.limit), own.used, latest), available


def _reported(count: _Count, available: int | None = None) -> Report:
    left = count.available if available is None else available
    if left:
        within = Capacity(count.limit, count.used, left)
        return Report("True", CapacityReason.WITHIN_LIMITS, ROOM, within)
    moment = count.next_at.strftime(TIME_FORMAT) if count.next_at else ""
    reached = Capacity(count.limit, count.used, 0, moment)
    return Report("False", CapacityReason.LIMIT_REACHED, REACHED, reached)


def _uncounted(why: str) -> Report:
    return Report("Unknown", CapacityReason.UNCOUNTED, UNCOUNTED.format(why=why))


def _limit(report: Report) -> int | None:
    return report.capacity.limit if report.capacity else None
