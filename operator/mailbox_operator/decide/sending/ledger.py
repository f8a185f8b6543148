"""What was sent as one address within a day, as several gateways count it together. Pure.

Recipients are counted in buckets of ten minutes. The oldest bucket of a day counts in full though
part of it is older, so no rolling day ever holds more than the limit; capacity comes back up to ten
minutes late. A bucket ahead of the clock counts as one of now, and is written so with the next change:
the clock of who wrote it may have been the right one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from itertools import pairwise
from typing import Final

from mailbox_operator.decide.sending.terms import Terms

BUCKET: Final = timedelta(minutes=10)
DAY: Final = timedelta(days=1) // BUCKET
MINUTE: Final = timedelta(minutes=1)
MOST_AHEAD: Final = 25
"""Recipients that one gateway takes before it has messages for them: what a crash can cost."""

PART_AHEAD: Final = 8
"""What is taken ahead is at most this part of what is left, so the last ones go to who has mail."""

MOST_COUNTED: Final = 10_000_000
"""Of one bucket; more cannot be told from damage."""

MARK: Final = "1"
"""Of the form in which a ledger is written: the first word."""


class DamagedError(ValueError):
    """What is written is no ledger."""


class Limit(Enum):
    """What keeps a message from being sent."""

    DAY = auto()
    GAP = auto()
    MINUTE = auto()


@dataclass(frozen=True, slots=True)
class Full:
    """Nothing can be sent now.

    Attributes:
        limit: What holds longest.
        next_at: When something can be; None if never, because the limit is below what is asked for.
    """

    limit: Limit
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one address has taken of its limits.

    Attributes:
        taken: Recipients by the number of their bucket; none of them is 0.
        not_before: When the next message may be sent; aware, UTC.
        recent: When messages of the last minute were sent, where that is limited; aware, UTC.
    """

    taken: Mapping[int, int] = field(default_factory=dict)
    not_before: datetime | None = None
    recent: tuple[datetime, ...] = ()

    def used(self, now: datetime) -> int:
        """Count the recipients of the last 24 hours, and up to ten minutes more."""
        oldest = number_of(now) - DAY
        return sum(count for number, count in self.taken.items() if number >= oldest)

    @property
    def youngest(self) -> datetime | None:
        """When the latest that is in it was sent, or may be; None of an empty one."""
        buckets = (number * BUCKET.total_seconds() for number in self.taken)
        moments = (datetime.fromtimestamp(each, UTC) for each in buckets)
        gap = (self.not_before,) if self.not_before else ()
        return max((*moments, *gap, *self.recent), default=None)

    def take(
        self, least: int, wanted: int, terms: Terms, now: datetime
    ) -> tuple["Ledger", int] | Full:
        """Take recipients for one message, and some ahead.

        Args:
            least: Recipients of the message, less what was taken ahead before.
            wanted: How many there may be within the next minute.
            terms: What holds for the address.
            now: Aware, UTC.

        Returns:
            The ledger after that, and how many were taken; or why that cannot be.
        """
        room_at = self._room_at(least, terms, now)
        if room_at is None:
            return Full(Limit.DAY, None)
        waits = (
            (room_at, Limit.DAY),
            (self._gap_ends(terms, now), Limit.GAP),
            (self._minute_ends(terms, now), Limit.MINUTE),
        )
        latest, limit = max(waits, key=lambda wait: wait[0])
        if latest > now:
            return Full(limit, latest)
        got = least if terms.is_exact else max(least, self._ahead(wanted, terms, now))
        return self._with(got, terms, now), got

    def give_back(self, count: int, number: int) -> "Ledger":
        """Return what was taken in a bucket and not used."""
        left = self.taken.get(number, 0) - count
        others = {each: taken for each, taken in self.taken.items() if each != number}
        return replace(self, taken=others | {number: left} if left > 0 else others)

    def room_at(self, wanted: int, per_day: int, now: datetime) -> datetime | None:
        """Say when so many recipients can be sent to; None if never, as the limit is below that.

        Returns:
            `now` if there is room already; else when enough buckets are older than a day.
        """
        if wanted > per_day:
            return None
        excess, present = self.used(now) + wanted - per_day, number_of(now)
        if excess <= 0:
            return now
        for number in sorted(each for each in self.taken if each >= present - DAY):
            excess -= self.taken[number]
            if excess <= 0:
                return _leaves(min(number, present))
        raise AssertionError("without any of these there is room for what fits into the limit")

    def _room_at(self, least: int, terms: Terms, now: datetime) -> datetime | None:
        if terms.per_day is None or not least:
            return now
        return self.room_at(least, terms.per_day, now)

    def _gap_ends(self, terms: Terms, now: datetime) -> datetime:
        """Say when the gap ends; never later than one from now, by whatever clock it was written."""
        return min(self.not_before or now, now + terms.every)

    def _minute_ends(self, terms: Terms, now: datetime) -> datetime:
        if terms.per_minute is None or len(self._lately(now)) < terms.per_minute:
            return now
        return min(self._lately(now)[-terms.per_minute], now) + MINUTE

    def _lately(self, now: datetime) -> tuple[datetime, ...]:
        return tuple(at for at in self.recent if at > now - MINUTE)

    def _ahead(self, wanted: int, terms: Terms, now: datetime) -> int:
        if terms.per_day is None:
            return min(wanted, MOST_AHEAD)
        return min(wanted, MOST_AHEAD, (terms.per_day - self.used(now)) // PART_AHEAD)

    def _with(self, got: int, terms: Terms, now: datetime) -> "Ledger":
        present = number_of(now)
        taken = {x: count for x, count in self.taken.items() if present - DAY <= x < present}
        if here := got + sum(count for x, count in self.taken.items() if x >= present):
            taken[present] = here
        lately = (*self._lately(now), now)[-terms.per_minute :] if terms.per_minute else ()
        return Ledger(taken, now + terms.every if terms.every else None, lately)


def written(ledger: Ledger) -> str:
    """Write a ledger as one line: at most 145 buckets, each as its distance to the one before."""
    gap = _stamp(ledger.not_before) if ledger.not_before else 0
    recent = ",".join(str(_stamp(at)) for at in ledger.recent) or "-"
    numbers = sorted(ledger.taken)
    steps = (after - before for before, after in pairwise((0, *numbers)))
    buckets = (f"{step}:{ledger.taken[x]}" for step, x in zip(steps, numbers, strict=True))
    return " ".join([MARK, str(gap), recent, *buckets])


def read(text: str) -> Ledger:
    """Read what `written` wrote.

    Raises:
        DamagedError: It is something else. Who may write it could as well have written a number.
    """
    mark, *words = text.split() or [""]
    try:
        gap, recent, *buckets = words
        pairs = [(int(step), int(count)) for step, _, count in (x.partition(":") for x in buckets)]
        not_before = _moment(gap) if int(gap) else None
        lately = tuple(map(_moment, recent.split(","))) if recent != "-" else ()
    except (ValueError, OverflowError, OSError) as error:
        raise DamagedError("no ledger") from error
    if mark != MARK or any(step <= 0 or not 0 < count <= MOST_COUNTED for step, count in pairs):
        raise DamagedError("no ledger")
    taken, number = dict[int, int](), 0
    for step, count in pairs:
        number += step
        taken[number] = count
    return Ledger(taken, not_before, lately)


def number_of(moment: datetime) -> int:
    """Number the bucket of a moment."""
    return int(moment.timestamp() // BUCKET.total_seconds())


def _leaves(number: int) -> datetime:
    """Say when a bucket does not count any more."""
    return datetime.fromtimestamp((number + DAY + 1) * BUCKET.total_seconds(), UTC)


def _stamp(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(stamp: str) -> datetime:
    return datetime.fromtimestamp(int(stamp) / 1000, UTC)
