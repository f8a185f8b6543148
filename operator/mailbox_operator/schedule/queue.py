"""When each mailbox is looked at: by time, then fair to every tenant, then by lane.

Pure: time is an argument, and nothing here waits.
"""

import heapq
from dataclasses import dataclass, field
from typing import Protocol

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sharing.fairness import Turns
from mailbox_operator.schedule.lines import Lane, Line, Place


class Room(Protocol):
    """Says who may start now."""

    def admits(self, tenant: str) -> bool:
        """Say whether a tenant may have one attempt more in flight."""

    def is_free(self, destination: str) -> bool:
        """Say whether a destination has room for one attempt more."""

    @property
    def has_leeway(self) -> bool:
        """Whether one periodic attempt more may be started."""


@dataclass(frozen=True, slots=True)
class Parked:
    """Places that wait for room at one destination.

    Attributes:
        lines: By tenant.
        turns: What tenants had there since somebody waits: what they have elsewhere does not count.
    """

    lines: dict[str, Line] = field(default_factory=dict)
    turns: Turns = field(default_factory=Turns)


@dataclass(slots=True)
class Queue:
    """Every mailbox that waits, at most once each.

    Whose time has not come waits in `_later`. Whose time has come stands in the line of its tenant,
    and the tenants take turns. Where a destination has no room, its places are parked beside until
    somebody leaves there. Periodic ones have a line of their own, which comes last, and while there is
    no leeway for them, tenants with nothing else are held back.
    """

    _places: dict[Key, Place] = field(default_factory=dict)
    _later: Line = field(init=False)
    _ready: dict[str, Line] = field(default_factory=dict)
    _periodic: dict[str, Line] = field(default_factory=dict)
    _held_back: set[str] = field(default_factory=set)
    _parked: dict[str, Parked] = field(default_factory=dict)
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
        parked = (line for each in self._parked.values() for line in each.lines.values())
        ready = (*self._ready.values(), *self._periodic.values())
        return sum(map(len, (self._later, *ready, *parked)))

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
        self._bring_back(room)
        passed_over = []
        taken = None
        while taken is None and (self._order or self._bring_back(room)):
            _, tenant = heapq.heappop(self._order)
            if not room.admits(tenant):
                passed_over.append(tenant)
                continue
            taken = self._first(tenant, room)
            if taken is not None:
                self._turns.serve(tenant)
            self._return(tenant, room)
        for tenant in passed_over:
            self._line_up(tenant)
        if not (self._order or self._held_back or self._parked):
            self._turns.rest()
        return taken

    def release(self, destination: str, room: Room) -> None:
        """Tell that somebody left a destination: of those parked for it, one comes back.

        It is the first one of the tenant whose turn comes first; without leeway one that is not
        periodic, if there is one.
        """
        here = self._parked.get(destination, Parked())
        parked = here.lines
        firsts = {tenant: line.first() for tenant, line in parked.items()}
        for tenant in [tenant for tenant, place in firsts.items() if place is None]:
            del parked[tenant], firsts[tenant]
        if parked and room.is_free(destination):
            waits = {place.tenant for place in firsts.values() if place and place.is_periodic}
            late = frozenset[str]() if room.has_leeway else waits
            first = min(parked, key=lambda tenant: (tenant in late, here.turns.start(tenant)))
            here.turns.serve(first)
            self._make_ready(parked[first].pop())
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
        tenant, lines = place.tenant, self._periodic if place.is_periodic else self._ready
        is_in_line = tenant in self._ready or tenant in self._periodic
        if tenant not in lines:
            lines[tenant] = Line(self._holds)
        lines[tenant].push(place.rank, place)
        if not is_in_line or (tenant in self._held_back and not place.is_periodic):
            self._held_back.discard(tenant)
            self._line_up(tenant)

    def _line_up(self, tenant: str) -> None:
        heapq.heappush(self._order, (self._turns.start(tenant), tenant))

    def _return(self, tenant: str, room: Room) -> None:
        """Let a tenant wait for its next turn, or for leeway."""
        if tenant in self._ready or (tenant in self._periodic and room.has_leeway):
            self._line_up(tenant)
        elif tenant in self._periodic:
            self._held_back.add(tenant)

    def _bring_back(self, room: Room) -> bool:
        """Bring back the first tenant that was held back, if there is leeway; say whether one is."""
        if not self._held_back or not room.has_leeway:
            return False
        tenant = min(self._held_back, key=lambda each: (self._turns.start(each), each))
        self._held_back.remove(tenant)
        self._line_up(tenant)
        return True

    def _first(self, tenant: str, room: Room) -> Place | None:
        """Take the first place of a tenant that may start; those that may not are parked."""
        found = self._first_of(self._ready, tenant, room)
        if found is None and room.has_leeway:
            found = self._first_of(self._periodic, tenant, room)
        return found

    def _first_of(self, lines: dict[str, Line], tenant: str, room: Room) -> Place | None:
        line = lines.get(tenant)
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
        lines.pop(tenant, None)
        return None

    def _park(self, place: Place) -> None:
        tenants = self._parked.setdefault(place.destination, Parked()).lines
        if place.tenant not in tenants:
            tenants[place.tenant] = Line(self._holds)
        tenants[place.tenant].push(place.rank, place)
