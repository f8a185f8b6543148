"""A store of ledgers in memory, which fails as one in a cluster does."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from mailbox_operator.decide.sending.kept import Kept, UncountedError
from mailbox_operator.decide.sending.ledger import Ledger


@dataclass
class Store:
    """Keeps ledgers in memory, as a cluster does: by compare-and-swap.

    Attributes:
        swaps: How many changes were made.
        fails: Ways in which the next requests fail: before the change, or after it.
    """

    kept: dict[str, Kept] = field(default_factory=dict)
    swaps: int = 0
    reads: int = 0
    fails: list[str] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, name: str) -> Kept:
        self.reads += 1
        await asyncio.sleep(0)
        if self.fails and self.fails[0] == "away":
            self.fails.pop(0)
            raise UncountedError("away")
        return self.kept.get(name, Kept(Ledger()))

    async def swap(self, name: str, before: Kept, after: Ledger) -> Kept | None:
        await asyncio.sleep(0)
        if self.kept.get(name, Kept(Ledger())).token != before.token:
            return None
        fate = self.fails.pop(0) if self.fails else ""
        if fate == "away":
            raise UncountedError("away")
        self.swaps += 1
        self.kept[name] = Kept(after, str(self.swaps))
        self._changed.set()
        if fate == "unanswered":
            raise UncountedError("unanswered")
        await asyncio.sleep(0)
        return self.kept[name]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until a change makes something so."""
        while not is_so():
            self._changed.clear()
            await self._changed.wait()

    def used(self, now: datetime, name: str = "jane") -> int:
        return self.kept[name].ledger.used(now) if name in self.kept else 0
