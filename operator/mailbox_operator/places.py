"""Lets so many in at once and has the others wait in line, fair to every tenant; on any event loop."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Lock

from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.sharing.fairness import Shares


@dataclass(slots=True, eq=False)
class Ticket:
    """One who waits.

    Attributes:
        loop: Where the waiting is done.
        act: Is called there once a place is held for this ticket.
        called: Whether one is.
    """

    loop: asyncio.AbstractEventLoop
    act: Callable[[], object]
    called: bool = False


@dataclass(slots=True)
class Places:
    """A number of places, shared among tenants.

    A place that becomes free goes to the waiting tenant that holds the fewest; of equals, to the one
    that was served longest ago. Tasks of several event loops may use the same places, and any thread
    may give one back.

    Attributes:
        total: How many places there are.
        patience_seconds: How long one waits at the most; None for as long as it takes.
        reserved: Whether a tenant alone leaves half of the places free (`Shares`). That is for places
            that are held long: a newcomer need not wait until one is given back.
    """

    total: int
    patience_seconds: float | None = None
    reserved: bool = True
    _shares: Shares = field(init=False)
    _waiting: dict[str, deque[Ticket]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._shares = Shares(self.total)

    @property
    def in_use(self) -> int:
        """How many places are taken."""
        return self._shares.in_use

    @asynccontextmanager
    async def one(self, tenant: str) -> AsyncIterator[None]:
        """Hold a place for the length of a block.

        Raises:
            Postponed: None became free in time.
        """
        await self.take(tenant)
        try:
            yield
        finally:
            self.give_back(tenant)

    async def take(self, tenant: str) -> None:
        """Take a place; the caller gives it back.

        Raises:
            Postponed: None became free in time.
        """
        if self.take_now(tenant):
            return
        turn = asyncio.get_running_loop().create_future()
        ticket = self._join(tenant, lambda: _end(turn))
        if ticket is None:
            return
        try:
            async with asyncio.timeout(self.patience_seconds):
                await turn
        except BaseException as error:
            if not self._leaves(tenant, ticket):
                self.give_back(tenant)
            if isinstance(error, TimeoutError):
                raise Postponed("all places are taken") from error
            raise

    def take_now(self, tenant: str) -> bool:
        """Take a place if that needs no waiting, and say so; the caller gives it back."""
        with self._lock:
            return self._takes(tenant)

    def call(self, tenant: str, act: Callable[[], object]) -> None:
        """Have something called once a place is taken for it, which it gives back.

        One who waits like this keeps a tenth of the memory of a task that does; it has to wait
        for as long as it takes.
        """
        if self._join(tenant, act) is None:
            act()

    def give_back(self, tenant: str) -> None:
        """Give a place back, and hand it to the next in line."""
        with self._lock:
            self._shares.give_back(tenant)
            self._call_next()

    def resize(self, total: int) -> None:
        """Have more places, or fewer; of those that are taken, none is taken away."""
        with self._lock:
            self.total = self._shares.total = total
            self._call_next()

    def _call_next(self) -> None:
        while (ticket := self._next()) is not None:
            _call(ticket)

    def _join(self, tenant: str, act: Callable[[], object]) -> Ticket | None:
        """Join the line; None if a place was free and is taken."""
        with self._lock:
            if self._takes(tenant):
                return None
            ticket = Ticket(asyncio.get_running_loop(), act)
            self._waiting.setdefault(tenant, deque()).append(ticket)
            return ticket

    def _takes(self, tenant: str) -> bool:
        if tenant in self._waiting or not self._admits(tenant):
            return False
        self._shares.take(tenant)
        return True

    def _leaves(self, tenant: str, ticket: Ticket) -> bool:
        """Leave the line; False if a place is held for the ticket already."""
        with self._lock:
            if ticket.called:
                return False
            line = self._waiting[tenant]
            line.remove(ticket)
            if not line:
                del self._waiting[tenant]
            return True

    def _next(self) -> Ticket | None:
        """Call the next in line, and count its place; None if nobody may have one."""
        tenants = [tenant for tenant in self._waiting if self._admits(tenant)]
        if not tenants:
            return None
        tenant = min(tenants, key=self._shares.held)
        line = self._waiting.pop(tenant)
        ticket = line.popleft()
        if line:
            self._waiting[tenant] = line  # behind the others
        ticket.called = True
        self._shares.take(tenant)
        return ticket

    def _admits(self, tenant: str) -> bool:
        return self._shares.admits(tenant) if self.reserved else not self._shares.full


def _call(ticket: Ticket) -> None:
    """End a wait; a loop that was closed meanwhile cancelled its tasks, which gave the place back."""
    if not ticket.loop.is_closed():
        ticket.loop.call_soon_threadsafe(ticket.act)


def _end(turn: "asyncio.Future[None]") -> None:
    if not turn.done():
        turn.set_result(None)
