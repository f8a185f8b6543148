"""Checks a second with several operator processes on one control plane."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from lab.stand.exposition import total
from tools.bench.figures import Figures, cpu_of, spent
from tools.bench.herd import MOST, SLEEP_SECONDS, sleeping, until
from tools.bench.processes import Measured
from tools.bench.stand import Stand

SPREAD_SECONDS: Final = 20.0
"""Longer than replicas take to share the work."""


@dataclass(slots=True)
class Replicas:
    """Some operator processes that share the work, or of which one works and the others wait.

    Attributes:
        figures: Where the figures go.
    """

    stand: Stand
    figures: Figures
    say: Callable[[str], None]

    async def measure(self, count: int) -> None:
        """Have so many check all Mailboxes, which are due at once."""
        self.say(f"{count} operator processes: all due at once")
        async with AsyncExitStack() as stack:
            operators = [
                await stack.enter_async_context(self.stand.operator(calm=True))
                for _ in range(count)
            ]
            await until(lambda: self._know_all(operators))
            await asyncio.sleep(SPREAD_SECONDS)
            await self._refresh(f"replicas_{count}", operators)

    async def _refresh(self, phase: str, operators: Sequence[Measured]) -> None:
        numbered = {f"operator_{n}": each.process for n, each in enumerate(operators, 1)}
        processes = {**numbered, **self.stand.servers}
        async with sleeping(*operators):
            await asyncio.sleep(SLEEP_SECONDS)
            dials, used = await self.stand.mail.connections(), cpu_of(processes)
        wanted = dials + self.stand.options.size * MOST
        took = await until(lambda: self._dialled(wanted))
        now = cpu_of(processes)
        checks = await self.stand.mail.connections() - dials
        self.figures |= spent(phase, used, now)
        self.figures |= {f"{phase}_seconds": took, f"{phase}_checks": checks}
        self.figures[f"{phase}_checks_per_second"] = checks / took

    async def _know_all(self, operators: Sequence[Measured]) -> bool:
        """Whether all are ready, and know all Mailboxes together."""
        texts = await asyncio.gather(*(each.scrape() for each in operators))
        known = sum(total(text, "mailbox_operator_mailboxes") for text in texts)
        ready = [await each.is_ready() for each in operators]
        return all(ready) and known >= self.stand.options.size

    async def _dialled(self, wanted: float) -> bool:
        return await self.stand.mail.connections() >= wanted
