"""How much may be sent as an address: the lowest of what is stated and what is known. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.declared.limits import NO_GAP, Limits, RampUp
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.status.conditions import read_time

UNLIMITED_WEIGHT: Final = 10_000
"""Of a Mailbox without a limit: that of the largest limit that is known of a provider."""

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds; None and no gap are no limit.

    Attributes:
        per_day: Recipients in any 24 hours.
        every: Time from one message to the next, at least.
        per_minute: Messages in any minute.
    """

    per_day: int | None = None
    every: timedelta = NO_GAP
    per_minute: int | None = None

    @property
    def is_none(self) -> bool:
        """Whether nothing is limited, so that nothing has to be counted."""
        return self.per_day is None and not self.is_exact

    @property
    def is_exact(self) -> bool:
        """Whether the time of each message counts, so that nothing can be taken ahead."""
        return bool(self.every) or self.per_minute is not None


def terms_of(case: Case, now: datetime) -> Terms:
    """Say what holds for the address of a Mailbox.

    What is known of a provider holds where nothing is stated, and mail does not go by the relay. What
    the platform states is a ceiling.
    """
    spec = case.spec
    stated, known = spec.sending, spec.access.known_limits(spec.domain)
    is_own = case.relay is None
    own = _per_day(stated, case.mailbox.created, now)
    if own is None and is_own:
        own = known.per_day
    per_minute = known.per_minute if is_own else None
    ceiling = case.offer.sending.per_day if case.offer else None
    return Terms(_lower(own, ceiling), stated.every, per_minute)


def weight_of(mailbox: ReadableMailbox) -> float:
    """Say what share of the recipients a Mailbox has: what it may send in a day, once it is grown.

    It does not grow with `rampUp`, so that a recipient keeps their mailbox meanwhile.
    """
    spec = mailbox.spec
    per_day = spec.sending.per_day or spec.access.known_limits(spec.domain).per_day
    return float(per_day or UNLIMITED_WEIGHT)


def _per_day(stated: Limits, created: str, now: datetime) -> int | None:
    if stated.per_day is None or stated.ramp_up is None:
        return stated.per_day
    return min(stated.per_day, _ramped(stated.ramp_up, created, now))


def _ramped(ramp: RampUp, created: str, now: datetime) -> int:
    """Say how far a limit has grown; of what was created at an unknown time, not at all."""
    began = read_time(created)
    days = max(0, (now - began) // DAY) if began else 0
    return ramp.start + ramp.by * days


def _lower(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
