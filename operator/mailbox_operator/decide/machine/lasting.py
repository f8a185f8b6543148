"""What a message says of a usually temporary problem that has lasted for long.

"No action needed" does not stand for ever: after `Pace.lasting` the message names whom to ask.
`make docs` writes it into docs/reasons.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import HEALTHY, Move, Reason, Rule
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.status.conditions import Standing, read_time

FULL_HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lasting:
    """Who is to act once a trouble lasts.

    Attributes:
        move: Who must act then.
        todo: What that person does.
        platform_todo: What the platform does, where the server is one that it names; empty where
            the move stays the same.
    """

    move: Move
    todo: str
    platform_todo: str = ""


NOT_PASSED: Final = "this has not passed for "
"""How what each of them is told begins."""

LASTING: Final[Mapping[Reason, Lasting]] = {
    Reason.PROVIDER_UNAVAILABLE: Lasting(
        Move.ADMIN,
        "this has not passed for {lasted}; look into the log of {host}, or ask those who run it about"
        " this answer; the operator keeps retrying",
        "this has not passed for {lasted}; look at the status page of the provider, or ask its support"
        " about this answer; the operator keeps retrying",
    ),
    Reason.RATE_LIMITED: Lasting(
        Move.OWNER,
        "this has not passed for {lasted}; see whether other programs or Mailboxes use this login too"
        " often or with a wrong password, then ask the provider about its limit; the operator keeps"
        " retrying",
    ),
    Reason.SENDING_LIMIT_REACHED: Lasting(
        Move.OWNER,
        "this has not passed for {lasted}; most limits lift within a day: send less until then, or"
        " have the provider raise the limit; the operator tries again",
    ),
}


def worded(rule: Rule, fault: Fault, lasted: timedelta | None) -> Rule:
    """Return the row in the words for a trouble that lasts; as it is where somebody is named anyway.

    Args:
        rule: What is said at first.
        fault: What it is said of.
        lasted: After how long a trouble counts as lasting; None if this one does not.
    """
    words = LASTING.get(fault.reason)
    if lasted is None or words is None or rule.move is not Move.NOBODY:
        return rule
    text = spoken(lasted)
    return replace(
        rule,
        move=words.move,
        todo=words.todo.replace("{lasted}", text),
        managed_move=Move.PLATFORM if words.platform_todo else None,
        managed_todo=words.platform_todo.replace("{lasted}", text),
    )


def remembered(seen: Seen, known: Known, now: datetime) -> Known:
    """Remember since when attempts fail, on the same spec and inputs.

    A replica that takes over has the status only.

    Args:
        seen: The mailbox as it was when the attempt began.
        known: What is remembered after it.
        now: Aware, UTC.
    """
    if known.reason is None or known.reason in HEALTHY:
        return known
    return replace(known, since=_begun(seen) or now)


def has_lasted(known: Known, now: datetime, lasting: timedelta) -> bool:
    """Say whether attempts fail for that long."""
    return known.since is not None and now - known.since >= lasting


def spoken(time: timedelta) -> str:
    """Write a length of time as the configuration does: `1h`, `90m`, `45s`."""
    if time % FULL_HOUR == timedelta():
        return f"{time // FULL_HOUR}h"
    if time % MINUTE == timedelta():
        return f"{time // MINUTE}m"
    return f"{time.total_seconds():g}s"


def _begun(seen: Seen) -> datetime | None:
    if not seen.is_judged:
        return None
    if seen.known.since or seen.status.standing is not Standing.RETRYING:
        return seen.known.since
    return _shown_since(seen)


def _shown_since(seen: Seen) -> datetime | None:
    """Say since when a status has shown that attempts fail; rather too late than too early.

    `Reconciling` may be True since before, when a dependency was missing or another spec was tried. In
    a trouble that stays the same the status is not written, so its last write is a safe beginning.
    """
    ready, retrying = seen.status.condition("Ready"), seen.status.condition("Reconciling")
    assert ready is not None
    assert retrying is not None
    if NOT_PASSED in ready.message:
        return read_time(retrying.last_transition_time)
    told = (ready.last_transition_time, retrying.last_transition_time, seen.subject.written)
    times = [time for time in map(read_time, told) if time is not None]
    return max(times, default=None)
