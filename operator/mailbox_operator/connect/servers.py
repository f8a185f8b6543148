"""Counts sessions by the server that is dialled, however its host is spelled."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from mailbox_operator.places import Places


@dataclass(slots=True)
class Servers:
    """Places at each server; those of a server that nobody uses are forgotten.

    Attributes:
        each: How many sessions one server has at once.
        patience_seconds: How long a session waits for its place at the most.
    """

    each: int
    patience_seconds: float = 5.0
    _places: dict[str, Places] = field(default_factory=dict)
    _users: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def __len__(self) -> int:
        """How many servers are in use."""
        return len(self._places)

    async def enter(self, server: str, tenant: str) -> None:
        """Take a place at a server.

        Raises:
            Postponed: None became free in time.
        """
        with self._lock:
            fresh = Places(self.each, self.patience_seconds, reserved=False)
            places = self._places.setdefault(server, fresh)
            self._users[server] += 1
        try:
            await places.take(tenant)
        except BaseException:
            self._forget(server)
            raise

    def leave(self, server: str, tenant: str) -> None:
        """Give the place back."""
        self._places[server].give_back(tenant)
        self._forget(server)

    def _forget(self, server: str) -> None:
        with self._lock:
            self._users[server] -= 1
            if not self._users[server]:
                del self._users[server], self._places[server]


@dataclass(slots=True)
class Visit:
    """One attempt on its way: it holds one place, at the server it dialled last.

    A second look at the same server, at another port, needs no second place.
    """

    servers: Servers
    tenant: str
    _at: str | None = None

    async def enter(self, server: str) -> None:
        """Take a place at a server, and give the one at another server back.

        Raises:
            Postponed: None became free in time.
        """
        if server == self._at:
            return
        self.leave()
        await self.servers.enter(server, self.tenant)
        self._at = server

    def leave(self) -> None:
        """Give the place back, if one is held."""
        at, self._at = self._at, None
        if at is not None:
            self.servers.leave(at, self.tenant)
