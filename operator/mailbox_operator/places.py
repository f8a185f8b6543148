"""Places of which there are only so many: tenants wait for one, and take turns."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mailbox_operator.decide.fairness import Shares, Turns


@dataclass(slots=True)
class Places:
    """Holds whoever comes until there is a place, fair to every tenant.

    One event loop uses it. Whoever is cancelled while waiting leaves the line.
    """

    total: int
    _shares: Shares = field(init=False)
    _turns: Turns = field(default_factory=Turns)
    _waiting: dict[str, deque[asyncio.Future[None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shares = Shares(self.total)

    @property
    def in_use(self) -> int:
        """How many places are taken."""
        return self._shares.in_use

    @property
    def waiting(self) -> int:
        """How many wait."""
        lines = self._waiting.values()
        return sum(not granted.done() for line in lines for granted in line)

    @asynccontextmanager
    async def taken(self, tenant: str) -> AsyncIterator[None]:
        """Take a place for as long as the block lasts."""
        await self._take(tenant)
        try:
            yield
        finally:
            self._shares.give_back(tenant)
            self._admit()

    async def _take(self, tenant: str) -> None:
        if tenant not in self._waiting and self._shares.admits(tenant):
            self._count(tenant)
            return
        granted = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled():  # it had the place already
                self._shares.give_back(tenant)
            self._admit()
            raise

    def _count(self, tenant: str) -> None:
        self._shares.take(tenant)
        self._turns.serve(tenant)

    def _admit(self) -> None:
        """Let those in for whom there is room now."""
        self._drop_cancelled()
        while free := [tenant for tenant in self._waiting if self._shares.admits(tenant)]:
            tenant = min(free, key=self._turns.start)
            self._count(tenant)
            self._waiting[tenant].popleft().set_result(None)
            self._drop_cancelled()

    def _drop_cancelled(self) -> None:
        """Take those out of line who do not wait any more."""
        for tenant, line in list(self._waiting.items()):
            while line and line[0].done():
                del line[0]
            if not line:
                del self._waiting[tenant]
        if not self._waiting:
            self._turns.rest()
