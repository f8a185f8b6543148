"""Decides who may stay connected. Pure: nothing here waits.

Those who are logged in stay. For a newcomer a stranger has to leave, one who is not logged in and came
first: so filling all places without a login keeps no application out.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Guest = TypeVar("Guest")


@dataclass(slots=True)
class Doors(Generic[Guest]):
    """Holds a bounded number of connections, in all and of one source.

    Attributes:
        total: How many there may be.
        each: How many of them may be of one source.
    """

    total: int
    each: int
    _strangers: dict[str, dict[Guest, None]] = field(default_factory=dict)
    _residents: dict[str, set[Guest]] = field(default_factory=dict)
    _count: int = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, source: str, guest: Guest) -> Guest | None:
        """Take a newcomer in, as a stranger.

        Returns:
            Who has to leave for it: the newcomer itself if there is no stranger; None if nobody has to.
        """
        leaving = self._leaving(source, guest)
        if leaving is not guest:
            self._strangers.setdefault(source, {})[guest] = None
            self._count += 1
        return leaving

    def settle(self, source: str, guest: Guest) -> None:
        """Note that a stranger has logged in; one that has left stays out."""
        if guest not in self._strangers.get(source, {}):
            return
        self.leave(source, guest)
        self._residents.setdefault(source, set()).add(guest)
        self._count += 1

    def leave(self, source: str, guest: Guest) -> None:
        """Let a guest go; one that has left already is fine."""
        strangers, residents = self._strangers.get(source, {}), self._residents.get(source, set())
        self._count -= (guest in strangers) + (guest in residents)
        strangers.pop(guest, None)
        residents.discard(guest)
        if not strangers:
            self._strangers.pop(source, None)
        if not residents:
            self._residents.pop(source, None)

    def _leaving(self, source: str, guest: Guest) -> Guest | None:
        here = len(self._strangers.get(source, ())) + len(self._residents.get(source, ()))
        if here >= self.each:
            crowded = source
        elif self._count >= self.total:
            crowded = max(self._strangers, key=lambda each: len(self._strangers[each]), default="")
        else:
            return None
        leaving = next(iter(self._strangers.get(crowded, ())), guest)
        if leaving is not guest:
            self.leave(crowded, leaving)
        return leaving
