"""Two clocks, this process's and the API server's, and which of them counts where they differ.

What cannot be undone happens by neither clock alone: a period begins by the later one and ends by the
earlier one. So whichever of them is wrong, a period may last longer than it should, and never less.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.cluster.httpdate import read_date

NOTICEABLE: Final = timedelta(seconds=5)
"""By more than this, two clocks differ so much that somebody should set one."""

PLAUSIBLE: Final = timedelta(days=3650)
"""By no more than this: the API server's certificate would not be valid by the other clock."""

RESOLUTION: Final = timedelta(seconds=1)
"""Of what HTTP calls a date."""

UNATTENDED_AFTER: Final = timedelta(hours=1)
"""A cluster whose Lease was not renewed for longer may be a copy, restored from a backup."""

MOST_AGE_SECONDS: Final = 10**6


@dataclass(frozen=True, slots=True)
class Clocks:
    """What both clocks say at one moment.

    Attributes:
        local: This process's, aware, UTC.
        ahead: By how much it is ahead of the API server's; negative where it is behind, zero where they
            agree or the other one is not known.
    """

    local: datetime
    ahead: timedelta = timedelta()

    @property
    def earlier(self) -> datetime:
        """By which a period ends."""
        return min(self.local, self.local - self.ahead)

    @property
    def later(self) -> datetime:
        """By which a period begins."""
        return max(self.local, self.local - self.ahead)


def is_unattended(renewed: datetime | None, now: Clocks) -> bool:
    """Say whether nobody has led for so long that what was noted before may be out of date.

    Args:
        renewed: When the Lease was last renewed; None where it does not say so.
        now: By both clocks.
    """
    return renewed is None or now.later - renewed > UNATTENDED_AFTER


def served_at(date: str, age: str = "") -> datetime | None:
    """Read when an answer was given; None where it does not say so.

    Args:
        date: The header of that name.
        age: That header, which a cache adds: how many seconds old the answer is.

    Source:
        RFC 9110 section 6.6.1 for Date, RFC 9111 section 5.1 for Age.
    """
    moment = read_date(date)
    try:
        seconds = min(int(age), MOST_AGE_SECONDS) if age else 0
        return moment + timedelta(seconds=seconds) if moment else None
    except (ValueError, OverflowError):
        return None


def ahead_of(served: datetime, local: datetime, seconds: float) -> timedelta | None:
    """Say by how much this clock is ahead of the one that dated an answer.

    An answer dates no more exactly than to a second, and was on its way for a while. Clocks that may
    agree do; of those that cannot, the most that they may differ by counts.

    Args:
        served: When the answer was given, by the other clock.
        local: When it was there, by this one.
        seconds: How long the request took.

    Returns:
        None where the date is beyond all that is plausible, and is not believed.
    """
    most = local - served
    least = most - RESOLUTION - timedelta(seconds=seconds)
    if abs(most) > PLAUSIBLE:
        return None
    if least <= timedelta() <= most:
        return timedelta()
    return most if least > timedelta() else least
