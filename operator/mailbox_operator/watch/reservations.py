"""Addresses that wait for their Mailbox to be created again, as GitOps tools do it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailbox_operator.decide.declared.resource import Key


@dataclass(frozen=True, slots=True)
class Reservation:
    """An address that waits for one Mailbox."""

    key: Key
    since: datetime


@dataclass(slots=True)
class Reservations:
    """Reservations by address; those that are over are forgotten with the next one.

    Attributes:
        grace: How long each lasts.
        now: Tells the time of day.
    """

    grace: timedelta
    now: Callable[[], datetime]
    _kept: dict[str, Reservation] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, address: str, key: Key) -> None:
        """Have an address wait for a Mailbox of this namespace and name."""
        now = self.now()
        while self._kept and not self._rest(next(iter(self._kept.values())), now):
            del self._kept[next(iter(self._kept))]
        self._kept.pop(address, None)
        self._kept[address] = Reservation(key, now)

    def drop(self, address: str) -> None:
        """Have an address wait no more."""
        self._kept.pop(address, None)

    def rest(self, address: str, key: Key) -> timedelta:
        """Return how long an address waits for another Mailbox than this; zero if it does not."""
        found = self._kept.get(address)
        if found is None or found.key == key:
            return timedelta()
        return self._rest(found, self.now())

    def namespace(self, address: str) -> str:
        """Return the namespace of the Mailbox that an address waits for; empty if for none."""
        found = self._kept.get(address)
        return found.key.namespace if found else ""

    def _rest(self, reservation: Reservation, now: datetime) -> timedelta:
        """Return what is left; nothing of one from the future, which a wrong clock made."""
        passed = now - reservation.since
        return max(self.grace - passed, timedelta()) if passed >= timedelta() else timedelta()
