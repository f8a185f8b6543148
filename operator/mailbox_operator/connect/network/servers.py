"""Counts sessions by the server that is dialled, however its host is spelled."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Self

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

    def resize(self, each: int) -> None:
        """Have more sessions at each server, or fewer; none that is open is ended."""
        with self._lock:
            self.each = each
            for places in self._places.values():
                places.resize(each)

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
    """One attempt on its way: it holds a place at the server it dialled last.

    While several servers of one host are dialled at once, it holds a place at each of them. It waits
    for a place only while it holds none that it does not use: two visits never wait for each other.
    A second look at the same server, at another port, needs no second place. All places are given
    back at the end of a `with` block.

    Attributes:
        held: The servers it has a place at.
        dialled: How many times it had a place for a dial.
    """

    servers: Servers
    tenant: str
    held: set[str] = field(default_factory=set)
    dialled: int = 0
    _dials: Counter[str] = field(default_factory=Counter)
    _doors: dict[str, asyncio.Lock] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    @asynccontextmanager
    async def dialling(self, server: str) -> AsyncIterator[None]:
        """Take a place at a server for a dial; those that are not in use are given back before.

        Where the dial fails, the place is kept for a second look, unless something else is dialled.

        Raises:
            Postponed: None became free in time.
        """
        self._dials[server] += 1
        self._leave_idle()
        try:
            async with self._doors.setdefault(server, asyncio.Lock()):
                if server not in self.held:
                    await self.servers.enter(server, self.tenant)
                    self.held.add(server)
            self.dialled += 1
            yield
        except BaseException:
            self._dials[server] -= 1
            if self._dials.total():
                self._leave_idle()
            raise

    def reached(self, server: str) -> None:
        """Note which server was reached, and give the places at others back."""
        self._dials.clear()
        self._leave(self.held - {server})

    def leave(self) -> None:
        """Give all places back."""
        self._leave(set(self.held))

    def _leave_idle(self) -> None:
        self._leave({each for each in self.held if not self._dials[each]})

    def _leave(self, servers: set[str]) -> None:
        for each in servers:
            self.held.remove(each)
            self.servers.leave(each, self.tenant)
