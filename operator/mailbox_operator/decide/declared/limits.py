"""How much may be sent: what a Mailbox, a Sender or the platform states about it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.declared.fields import REQUIRED, Fields

MOST_PER_DAY: Final = 1_000_000
SHORTEST_GAP: Final = timedelta(seconds=1)
LONGEST_GAP: Final = timedelta(hours=24)
NO_GAP: Final = timedelta()


@dataclass(frozen=True, slots=True)
class RampUp:
    """A limit that grows from day to day.

    Attributes:
        start: Recipients on the first day.
        by: More of them on each day after it.
    """

    start: int
    by: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What is stated; what is not stated is not limited by it.

    Attributes:
        per_day: Recipients in any 24 hours.
        every: Time from the beginning of one message to the next, at least.
        ramp_up: How `per_day` is reached.
    """

    per_day: int | None = None
    every: timedelta = NO_GAP
    ramp_up: RampUp | None = None


UNLIMITED: Final = Limits()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a provider; None where nothing is.

    Attributes:
        per_day: Recipients in any 24 hours.
        per_minute: Messages in any minute.
    """

    per_day: int | None = None
    per_minute: int | None = None


NOTHING_KNOWN: Final = Known()


def read_limits(fields: Fields, name: str, *, whole: bool = False) -> Limits:
    """Read a block of limits; absent states nothing.

    Args:
        fields: Where the block is.
        name: Of the block.
        whole: Whether it may state more than `perDay`.
    """
    if not fields.has(name):
        return UNLIMITED
    block = fields.fields(name, ("perDay", "every", "rampUp") if whole else ("perDay",))
    limits = Limits(
        block.positive_or_none("perDay", MOST_PER_DAY),
        _gap(block) if whole and block.has("every") else NO_GAP,
        _ramp_up(block) if whole and block.has("rampUp") else None,
    )
    _hold_together(block, limits)
    return limits


def _gap(block: Fields) -> timedelta:
    gap = block.duration("every", SHORTEST_GAP)
    if not SHORTEST_GAP <= gap <= LONGEST_GAP:
        block.refuse("every", "it must be from 1s to 24h")
    return gap


def _ramp_up(block: Fields) -> RampUp:
    ramp = block.fields("rampUp", ("from", "by"))
    start, by = (ramp.positive_or_none(each, MOST_PER_DAY) for each in ("from", "by"))
    for each in ("from", "by"):
        if not ramp.has(each):
            ramp.refuse(each, REQUIRED)
    return RampUp(start or 1, by or 1)


def _hold_together(block: Fields, limits: Limits) -> None:
    """Refuse a rampUp without an end, or with one below its beginning."""
    if limits.ramp_up is None or not block.is_right("perDay", "rampUp"):
        return
    if limits.per_day is None:
        block.refuse("rampUp", "state perDay as well, at which it ends")
    elif limits.ramp_up.start > limits.per_day:
        block.refuse("rampUp", "its from must be at most perDay")
