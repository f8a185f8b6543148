"""Decides who may stay connected. Pure: nothing here waits.

For a newcomer a stranger has to leave, one who is not logged in and came first: so filling all places
without a login keeps no application out. Those who are logged in stay, and a tenant has as many places
as stay free for the others: so no tenant keeps another out. Where they come from counts before the
login only, for behind a Service many of them may have one address.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mailbox_operator.decide.sharing.fairness import Shares

Guest = TypeVar("Guest")


@dataclass(slots=True)
class Doors(Generic[Guest]):
    """Holds a bounded number of connections.

    Attributes:
        total: How many there may be.
        each: How many of one source may be without a login.
    """

    total: int
    each: int
    _strangers: dict[str, dict[Guest, None]] = field(default_factory=dict)
    _residents: dict[Guest, str] = field(default_factory=dict)
    _shares: Shares = field(init=False)

    def __post_init__(self) -> None:
        self._shares = Shares(self.total)

    def __len__(self) -> int:
        return len(self._residents) + sum(map(len, self._strangers.values()))

    def enter(self, source: str, guest: Guest) -> Guest | None:
        """Take a newcomer in, as a stranger.

        Returns:
            Who has to leave for it: the newcomer itself if there is no stranger; None if nobody has to.
        """
        leaving = self._leaving(source, guest)
        if leaving is not guest:
            self._strangers.setdefault(source, {})[guest] = None
        return leaving

    def settle(self, source: str, tenant: str, guest: Guest) -> bool:
        """Note that a stranger has logged in; say no if its tenant has all the places that it may have.

        A guest that has left already takes no place.
        """
        if guest not in self._strangers.get(source, ()) or not self._shares.admits(tenant):
            return False
        self.leave(source, guest)
        self._residents[guest] = tenant
        self._shares.take(tenant)
        return True

    def leave(self, source: str, guest: Guest) -> None:
        """Let a guest go; one that has left already is fine."""
        strangers = self._strangers.get(source, {})
        strangers.pop(guest, None)
        if not strangers:
            self._strangers.pop(source, None)
        tenant = self._residents.pop(guest, None)
        if tenant is not None:
            self._shares.give_back(tenant)

    def _leaving(self, source: str, guest: Guest) -> Guest | None:
        if len(self._strangers.get(source, ())) >= self.each:
            crowded = source
        elif len(self) >= self.total:
            crowded = max(self._strangers, key=lambda each: len(self._strangers[each]), default="")
        else:
            return None
        leaving = next(iter(self._strangers.get(crowded, ())), guest)
        if leaving is not guest:
            self.leave(crowded, leaving)
        return leaving
