"""When each mailbox is looked at: one heap by time, then by lane, then fair to every destination.

Pure: time is an argument, and nothing here waits.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from mailbox_operator.decide.mailbox import Key


class Lane(IntEnum):
    """Who goes first among those whose time has come."""

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
    """

    due: float
    lane: Lane
    destination: str
    ticket: int


@dataclass(slots=True)
class Queue:
    """Every mailbox that waits, at most once each."""

    _places: dict[Key, Place] = field(default_factory=dict)
    _later: list[tuple[float, int, Key]] = field(default_factory=list)
    _ready: list[tuple[Lane, float, int, Key]] = field(default_factory=list)
    _parked: dict[str, list[tuple[Lane, float, int, Key]]] = field(default_factory=dict)
    _tickets: int = 0

    def __len__(self) -> int:
        return len(self._places)

    def put(self, key: Key, due: float, lane: Lane, destination: str) -> None:
        """Put a key into line; its former place is given up."""
        self._tickets += 1
        self._places[key] = Place(due, lane, destination, self._tickets)
        heapq.heappush(self._later, (due, self._tickets, key))

    def remove(self, key: Key) -> None:
        """Take a key out of line."""
        self._places.pop(key, None)

    def take(self, now: float, is_free: Callable[[str], bool]) -> Key | None:
        """Take the first key whose time has come and whose destination has room.

        Args:
            now: Monotonic seconds.
            is_free: Whether a destination has room.
        """
        self._promote(now)
        while self._ready:
            entry = heapq.heappop(self._ready)
            *_, ticket, key = entry
            place = self._places.get(key)
            if place is None or place.ticket != ticket:
                continue
            if is_free(place.destination):
                del self._places[key]
                return key
            heapq.heappush(self._parked.setdefault(place.destination, []), entry)
        return None

    def release(self, destination: str) -> None:
        """Tell that a destination has room again: the first of those parked for it comes back."""
        parked = self._parked.get(destination, [])
        while parked:
            entry = heapq.heappop(parked)
            place = self._places.get(entry[3])
            if place is not None and place.ticket == entry[2]:
                heapq.heappush(self._ready, entry)
                break
        if not parked:
            self._parked.pop(destination, None)

    def wait(self, now: float) -> float | None:
        """Return the seconds until the next key's time comes; None if none waits for time."""
        while self._later:
            due, ticket, key = self._later[0]
            place = self._places.get(key)
            if place is not None and place.ticket == ticket:
                return max(0.0, due - now)
            heapq.heappop(self._later)
        return None

    def overdue(self, now: float) -> float:
        """Return by how many seconds the longest-waiting key is late; 0 if none is."""
        return max((now - place.due for place in self._places.values()), default=0.0)

    def _promote(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            due, ticket, key = heapq.heappop(self._later)
            place = self._places.get(key)
            if place is not None and place.ticket == ticket:
                heapq.heappush(self._ready, (place.lane, due, ticket, key))
