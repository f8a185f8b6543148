"""Where a mailbox stands in line, and the lines themselves."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from mailbox_operator.decide.declared.resource import Key

FEW: Final = 64
"""So many places that were given up are not worth tidying."""


class Lane(IntEnum):
    """Who goes first among those of one tenant whose time has come."""

    CHANGED = 0
    NEW = 1
    RETRY = 2
    PERIODIC = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key stands in line.

    Attributes:
        due: Monotonic seconds.
        destination: The provider or server it will dial; each takes only so many at once.
        ticket: Tells this place from those the key gave up.
    """

    key: Key
    due: float
    lane: Lane
    destination: str
    ticket: int

    @property
    def tenant(self) -> str:
        """Whose it is: the namespace; that of the platform is empty."""
        return self.key.namespace

    @property
    def is_periodic(self) -> bool:
        """Whether nobody waits for it."""
        return self.lane is Lane.PERIODIC

    @property
    def rank(self) -> tuple[float, ...]:
        """Who goes first among the places of one tenant; the least does."""
        return (self.lane, self.due, self.ticket)


@dataclass(slots=True)
class Line:
    """Places by rank. Those that were given up stay until they outnumber the others.

    Attributes:
        holds: Whether a place was not given up.
    """

    holds: Callable[[Place], bool]
    _heap: list[tuple[tuple[float, ...], Place]] = field(default_factory=list)
    _tidy_at: int = FEW

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, rank: tuple[float, ...], place: Place) -> None:
        """Add a place."""
        heapq.heappush(self._heap, (rank, place))
        if len(self._heap) > self._tidy_at:
            self._heap = [each for each in self._heap if self.holds(each[1])]
            heapq.heapify(self._heap)
            self._tidy_at = max(FEW, 2 * len(self._heap))

    def first(self) -> Place | None:
        """Return the first place that was not given up; None if there is none."""
        while self._heap:
            place = self._heap[0][1]
            if self.holds(place):
                return place
            heapq.heappop(self._heap)
        return None

    def pop(self) -> Place:
        """Take the first place out, given up or not."""
        return heapq.heappop(self._heap)[1]
