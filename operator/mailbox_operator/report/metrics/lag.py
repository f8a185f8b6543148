"""How late the event loop is: what keeps it from the Lease and the probes shows here first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

PERIOD_SECONDS: Final = 0.1
"""Ten looks a second cost a thousandth of a processor."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class LoopLag:
    """Sleeps for a moment, again and again, and tells by how much the loop was late to wake it.

    Attributes:
        observe: Is told the seconds of each look.
    """

    observe: Callable[[float], None]
    monotonic: Callable[[], float] = monotonic
    sleep: Sleep = field(default=asyncio.sleep)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            due = self.monotonic() + PERIOD_SECONDS
            await self.sleep(PERIOD_SECONDS)
            self.observe(max(0.0, self.monotonic() - due))
