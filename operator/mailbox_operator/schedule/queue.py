"""When each mailbox is looked at: one heap by time, then by lane, then fair to every destination.

Pure: time is an argument, and nothing here waits.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from mailbox_operator.decide.watched import Key


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
        ticket: Tells this place from those the key gave up.
    """

    key: Key
    due: float
    lane: Lane
    destination: str
    ticket: int

    def __lt__(self, other: "Place") -> bool:
        return (self.lane, self.due, self.ticket) < (other.lane, other.due, other.ticket)


@dataclass(slots=True)
class Queue:
    """Every mailbox that waits, at most once each.

    A place that was given up stays in its heap until it comes to the top.
    """

    _places: dict[Key, Place] = field(default_factory=dict)
    _later: list[tuple[float, Place]] = field(default_factory=list)
    _ready: list[Place] = field(default_factory=list)
    _parked: dict[str, list[Place]] = field(default_factory=dict)
    _tickets: int = 0

    def __len__(self) -> int:
        return len(self._places)

    def put(self, key: Key, due: float, lane: Lane, destination: str) -> None:
        """Put a key into line; its former place is given up."""
        self._tickets += 1
        place = Place(key, due, lane, destination, self._tickets)
        self._places[key] = place
        heapq.heappush(self._later, (due, place))

    def remove(self, key: Key) -> None:
        """Take a key out of line."""
        self._places.pop(key, None)

    def is_due(self, key: Key, now: float, lane: Lane) -> bool:
        """Say whether a key stands in line already, its time come, in that lane or a better one."""
        place = self._places.get(key)
        return place is not None and place.due <= now and place.lane <= lane

    def take(self, now: float, is_free: Callable[[str], bool]) -> Place | None:
        """Take the first key whose time has come and whose destination has room.

        Args:
            now: Monotonic seconds.
            is_free: Whether a destination has room.
        """
        self._promote(now)
        while self._ready:
            place = heapq.heappop(self._ready)
            if not self._holds(place):
                # It may have been released into room that now goes to the next one.
                self.release(place.destination)
            elif is_free(place.destination):
                del self._places[place.key]
                return place
            else:
                heapq.heappush(self._parked.setdefault(place.destination, []), place)
        return None

    def release(self, destination: str) -> None:
        """Tell that a destination has room again: the first of those parked for it comes back."""
        parked = self._parked.get(destination, [])
        while parked:
            place = heapq.heappop(parked)
            if self._holds(place):
                heapq.heappush(self._ready, place)
                break
        if not parked:
            self._parked.pop(destination, None)

    def wait(self, now: float) -> float | None:
        """Return the seconds until the next key's time comes; None if none waits for time."""
        while self._later:
            due, place = self._later[0]
            if self._holds(place):
                return max(0.0, due - now)
            heapq.heappop(self._later)
        return None

    def due(self, now: float) -> int:
        """Count the keys whose time has come."""
        return sum(place.due <= now for place in self._places.values())

    def overdue(self, now: float) -> float:
        """Return by how many seconds the longest-waiting key is late; 0 if none is."""
        return max(0.0, max((now - place.due for place in self._places.values()), default=0.0))

    def _holds(self, place: Place) -> bool:
        return self._places.get(place.key) is place

    def _promote(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            _, place = heapq.heappop(self._later)
            if self._holds(place):
                heapq.heappush(self._ready, place)
