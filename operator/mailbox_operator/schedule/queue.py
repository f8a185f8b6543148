"""When each mailbox is looked at: by time, then fair to every tenant, then by lane.

Pure: time is an argument, and nothing here waits.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sharing.fairness import Turns

FEW: Final = 64
"""So many places that were given up are not worth tidying."""


class Lane(IntEnum):
    """Who goes first among those of one tenant whose time has come."""

    CHANGED = 0
    NEW = 1
    RETRY = 2
    PERIODIC = 3


class Room(Protocol):
    """Says who may start now."""

    def admits(self, tenant: str) -> bool:
        """Say whether a tenant may have one attempt more in flight."""

    def is_free(self, destination: str) -> bool:
        """Say whether a destination has room for one attempt more."""


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


@dataclass(slots=True)
class Queue:
    """Every mailbox that waits, at most once each.

    Whose time has not come waits in `_later`. Whose time has come stands in the line of its tenant,
    and the tenants take turns. Where a destination has no room, its places are parked beside until
    somebody leaves there.
    """

    _places: dict[Key, Place] = field(default_factory=dict)
    _later: Line = field(init=False)
    _ready: dict[str, Line] = field(default_factory=dict)
    _parked: dict[str, dict[str, Line]] = field(default_factory=dict)
    _turns: Turns = field(default_factory=Turns)
    _order: list[tuple[float, str]] = field(default_factory=list)
    _tickets: int = 0

    def __post_init__(self) -> None:
        self._later = Line(self._holds)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def size(self) -> int:
        """How many places are kept, those that were given up included."""
        parked = (line for tenants in self._parked.values() for line in tenants.values())
        return sum(map(len, (self._later, *self._ready.values(), *parked)))

    def put(self, key: Key, due: float, lane: Lane, destination: str) -> None:
        """Put a key into line; its former place is given up."""
        self._tickets += 1
        place = Place(key, due, lane, destination, self._tickets)
        self._places[key] = place
        self._later.push((due, self._tickets), place)

    def remove(self, key: Key) -> None:
        """Take a key out of line."""
        self._places.pop(key, None)

    def is_in_line(self, key: Key, by: float, lane: Lane) -> bool:
        """Say whether a key's time comes by then already, in that lane or a better one."""
        place = self._places.get(key)
        return place is not None and place.due <= by and place.lane <= lane

    def take(self, now: float, room: Room) -> Place | None:
        """Take the first key of the tenant whose turn it is.

        Args:
            now: Monotonic seconds.
            room: Who may start; all others are passed over.
        """
        self._promote(now)
        passed_over = []
        taken = None
        while taken is None and self._order:
            _, tenant = heapq.heappop(self._order)
            if not room.admits(tenant):
                passed_over.append(tenant)
                continue
            taken = self._first(tenant, room)
            if taken is not None:
                self._turns.serve(tenant)
            if tenant in self._ready:
                self._line_up(tenant)
        for tenant in passed_over:
            self._line_up(tenant)
        if not self._order:
            self._turns.rest()
        return taken

    def release(self, destination: str, room: Room) -> None:
        """Tell that somebody left a destination: of those parked for it, one comes back.

        It is the first one of the tenant whose turn comes first.
        """
        parked = self._parked.get(destination, {})
        for tenant in [tenant for tenant, line in parked.items() if line.first() is None]:
            del parked[tenant]
        if parked and room.is_free(destination):
            line = parked[min(parked, key=self._turns.start)]
            self._make_ready(line.pop())
        if not parked:
            self._parked.pop(destination, None)

    def wait(self, now: float) -> float | None:
        """Return the seconds until the next key's time comes; None if none waits for time."""
        place = self._later.first()
        return None if place is None else max(0.0, place.due - now)

    def due(self, now: float) -> int:
        """Count the keys whose time has come."""
        return sum(place.due <= now for place in self._places.values())

    def overdue(self, now: float) -> float:
        """Return by how many seconds the longest-waiting key is late; 0 if none is."""
        return max(0.0, max((now - place.due for place in self._places.values()), default=0.0))

    def _holds(self, place: Place) -> bool:
        return self._places.get(place.key) is place

    def _promote(self, now: float) -> None:
        while (place := self._later.first()) is not None and place.due <= now:
            self._make_ready(self._later.pop())

    def _make_ready(self, place: Place) -> None:
        tenant = place.tenant
        if tenant not in self._ready:
            self._ready[tenant] = Line(self._holds)
            self._line_up(tenant)
        self._ready[tenant].push(place.rank, place)

    def _line_up(self, tenant: str) -> None:
        heapq.heappush(self._order, (self._turns.start(tenant), tenant))

    def _first(self, tenant: str, room: Room) -> Place | None:
        """Take the first place of a tenant that may start; those that may not are parked."""
        line = self._ready[tenant]
        while line:
            place = line.pop()
            if not self._holds(place):
                # It may have come back into room that now goes to the next one.
                self.release(place.destination, room)
            elif room.is_free(place.destination):
                del self._places[place.key]
                return place
            else:
                self._park(place)
        del self._ready[tenant]
        return None

    def _park(self, place: Place) -> None:
        tenants = self._parked.setdefault(place.destination, {})
        if place.tenant not in tenants:
            tenants[place.tenant] = Line(self._holds)
        tenants[place.tenant].push(place.rank, place)
