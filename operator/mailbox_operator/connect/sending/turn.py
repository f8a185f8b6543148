"""One session at a time for a way out, and a turn for each tenant that waits for it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

from mailbox_operator.decide.sharing.fairness import Turns

NOBODY: Final = ""
"""Who closes a session does so for no tenant."""


@dataclass(slots=True)
class Turn:
    """A lock that goes to those who wait in turns of their tenants, and among those of one in order.

    The platform's relay is one way for all: whoever has a hundred messages for it must not make another
    tenant's only one wait for all of them.
    """

    _turns: Turns = field(default_factory=Turns)
    _waiting: dict[str, deque[asyncio.Future[None]]] = field(default_factory=dict)
    _is_held: bool = False

    def locked(self) -> bool:
        """Say whether somebody holds it."""
        return self._is_held

    async def acquire(self, tenant: str) -> None:
        """Wait for the turn of a tenant."""
        if not self._is_held:
            self._is_held = True
            self._turns.serve(tenant)
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.cancelled():
                self._forget(tenant, waiting)
            else:  # it was handed over at this very moment
                self.release()
            raise

    def release(self) -> None:
        """Hand it to the next one."""
        while self._waiting:
            tenant = min(self._waiting, key=self._turns.start)
            following = self._waiting[tenant][0]
            self._forget(tenant, following)
            if not following.done():  # cancelled, and not told yet
                self._turns.serve(tenant)
                following.set_result(None)
                return
        self._is_held = False
        self._turns.rest()

    async def __aenter__(self) -> None:
        await self.acquire(NOBODY)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _forget(self, tenant: str, waiting: asyncio.Future[None]) -> None:
        queue = self._waiting.get(tenant, deque())
        if waiting in queue:
            queue.remove(waiting)
        if not queue:
            self._waiting.pop(tenant, None)
