"""What all connections of a gateway share."""

import asyncio
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.gateway.buffers import Buffers
from mailbox_operator.gateway.doors import Doors
from mailbox_operator.gateway.guessing import Guesses
from mailbox_operator.gateway.ports import Logins, Observer
from mailbox_operator.gateway.session import Terms


class Guest(Protocol):
    """A connection, as others see it."""

    def leave(self) -> None:
        """Go, unless a message is under way; after that as well."""

    def displace(self) -> None:
        """Leave for a newcomer."""

    def cut_off(self) -> None:
        """Close at once, whatever is under way."""


@dataclass(slots=True)
class House:
    """One for all listening ports.

    Attributes:
        connections: Those that are open, and those that were refused and are closing.
        context: The TLS of the next handshake; it may be replaced at any time.
        is_closing: Whether no new message is taken.
    """

    terms: Terms
    bounds: Bounds
    logins: Logins
    observer: Observer
    buffers: Buffers
    guesses: Guesses
    context: ssl.SSLContext
    is_closing: bool = False
    doors: Doors[Guest] = field(init=False)
    connections: set[Guest] = field(default_factory=set)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.doors = Doors(self.bounds.connections, self.bounds.connections_each)

    def enter(self, source: str, guest: Guest) -> Guest | None:
        """Take a newcomer in; return who has to leave for it, as `Doors` does."""
        self.connections.add(guest)
        return self.doors.enter(source, guest)

    def depart(self, source: str, guest: Guest) -> None:
        """Note that a connection is gone."""
        self.doors.leave(source, guest)
        self.connections.discard(guest)
        self._changed.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that takes time, before whose end the process does not end."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def emptied(self) -> None:
        """Wait until all connections are gone, and all is done."""
        while self.connections or self._tasks:
            self._changed.clear()
            await self._changed.wait()

    async def abandon(self) -> None:
        """Cut off all that is still open or under way."""
        for connection in list(self.connections):
            connection.cut_off()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._changed.set()
