"""Decides who has to leave where more come than there is room for. Pure: nothing here waits."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Guest = TypeVar("Guest")


@dataclass(slots=True)
class Crowd(Generic[Guest]):
    """Holds a bounded number of guests from any number of sources.

    A newcomer always gets in. For it the source that has most loses the guest that has been still
    for the longest time, so a source that takes all it can get displaces itself.

    Attributes:
        total: How many guests there may be.
        each: How many of them may be of one source.
    """

    total: int
    each: int
    _guests: dict[str, dict[Guest, None]] = field(default_factory=dict)
    _count: int = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, source: str, guest: Guest) -> Guest | None:
        """Take a newcomer in; return the guest that has to leave for it, if one has to."""
        leaving = self._leaving(source)
        self._guests.setdefault(source, {})[guest] = None
        self._count += 1
        return leaving

    def leave(self, source: str, guest: Guest) -> None:
        """Let a guest go; one that has left already is fine."""
        of_source = self._guests.get(source, {})
        if guest not in of_source:
            return
        del of_source[guest]
        self._count -= 1
        if not of_source:
            del self._guests[source]

    def stir(self, source: str, guest: Guest) -> None:
        """Note that a guest has done something: of its source it is now the last to leave."""
        of_source = self._guests.get(source, {})
        if guest in of_source:
            del of_source[guest]
            of_source[guest] = None

    def _leaving(self, source: str) -> Guest | None:
        if len(self._guests.get(source, ())) >= self.each:
            crowded = source
        elif self._count >= self.total:
            crowded = max(self._guests, key=lambda each: len(self._guests[each]))
        else:
            return None
        guest = next(iter(self._guests[crowded]))
        self.leave(crowded, guest)
        return guest
