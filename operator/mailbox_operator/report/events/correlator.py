"""Decides what becomes of something to tell: a new Event, one more of an old one, or none.

It posts nothing and has no clock. The bounds are those of client-go's EventCorrelator: whatever a
mailbox does, it cannot fill etcd.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

LASTS: Final = timedelta(hours=1)
"""The API server forgets an Event so long after its last change, unless told otherwise."""

BURST: Final = 25
REFILL: Final = timedelta(minutes=5)
MOST_REMEMBERED: Final = 4096

SeriesKey = TypeVar("SeriesKey")
Value = TypeVar("Value")


class EventType(StrEnum):
    """Whether somebody has to act, in the words of an Event."""

    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Matter:
    """What an Event is about; two of the same are one Event.

    Attributes:
        uid: Of the object.
    """

    uid: str
    type: EventType
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Series:
    """How often it happened, with less than an hour between two times.

    Attributes:
        event: Name of its Event in the cluster; empty until one was posted.
    """

    first: datetime
    last: datetime
    count: int = 1
    event: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one object may still have told of it.

    Attributes:
        left: Events; one comes back every `REFILL`, up to `BURST`.
    """

    left: float
    at: datetime

    def less(self, now: datetime) -> "Allowance":
        """Take one; `left` falls below zero where there is none."""
        gained = max(now - self.at, timedelta()) / REFILL
        return Allowance(min(self.left + gained, BURST) - 1, now)


@dataclass(slots=True)
class Correlator:
    """Remembers what was told lately; what was not told of for longest is forgotten first.

    Attributes:
        dropped: Times that were counted and not told.
    """

    dropped: int = 0
    _series: OrderedDict[Matter, Series] = field(default_factory=OrderedDict)
    _allowances: OrderedDict[str, Allowance] = field(default_factory=OrderedDict)

    def observe(self, matter: Matter, now: datetime) -> bool:
        """Count one time more, and say whether it is to be told.

        What is not told is counted all the same: the next Event that is has the whole number.

        Args:
            matter: What happened.
            now: Aware, UTC.
        """
        before = self._series.get(matter)
        if before is None or now - before.last >= LASTS:
            series = Series(now, now)
        else:
            series = Series(before.first, now, before.count + 1, before.event)
        _remember(self._series, matter, series)
        return self._spend(matter.uid, now)

    def series(self, matter: Matter) -> Series | None:
        """Return how often it happened; None where that was forgotten."""
        return self._series.get(matter)

    def posted(self, matter: Matter, first: datetime, event: str) -> None:
        """Remember the Event of a series, unless another one began while it was posted.

        Args:
            matter: What happened.
            first: When the series began that was posted.
            event: The name that its Event was given.
        """
        known = self._series.get(matter)
        if known is not None and known.first == first:
            self._series[matter] = Series(first, known.last, known.count, event)

    def _spend(self, uid: str, now: datetime) -> bool:
        allowance = self._allowances.get(uid, Allowance(BURST, now)).less(now)
        if allowance.left < 0:
            self.dropped += 1
            return False
        _remember(self._allowances, uid, allowance)
        return True


def _remember(memory: OrderedDict[SeriesKey, Value], key: SeriesKey, value: Value) -> None:
    """Put down what is newest, and forget what is oldest."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > MOST_REMEMBERED:
        memory.popitem(last=False)
