"""Sees exchanges of tokens through, whatever becomes of those who wait for them.

A provider may give a new refresh token for the old one, and end the old one then. So an exchange that
is under way is not given up with its attempt: what comes back is kept, and the next exchange for the
same mailbox begins after that.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from mailbox_operator.connect.oauth.tokens import AccessToken

TokenExchange = Coroutine[Any, Any, AccessToken]


@dataclass(slots=True)
class TokenExchanges:
    """What is under way, one exchange for each mailbox."""

    _under_way: dict[str, asyncio.Task[AccessToken]] = field(default_factory=dict)

    async def finish(self, uid: str, exchange: TokenExchange) -> AccessToken:
        """Wait for an exchange, which ends by itself if this is cancelled.

        Args:
            uid: Of the mailbox.
            exchange: Asks the token endpoint, and keeps what came back.

        Raises:
            Fault: Whatever the exchange raises.
        """
        try:
            while (before := self._under_way.get(uid)) is not None:
                await asyncio.wait([before])
        except asyncio.CancelledError:
            exchange.close()
            raise
        task = self._under_way[uid] = asyncio.create_task(exchange, name=f"exchange for {uid}")
        task.add_done_callback(lambda done: self._over(uid, done))
        return await asyncio.shield(task)

    @property
    def under_way(self) -> set[str]:
        """Name the mailboxes whose tokens are being exchanged."""
        return set(self._under_way)

    async def settle(self, seconds: float) -> None:
        """Wait until all that is under way is over, but no longer than that."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=seconds)

    def _over(self, uid: str, task: asyncio.Task[AccessToken]) -> None:
        del self._under_way[uid]
        if not task.cancelled():
            task.exception()  # nobody may be left to ask for it
