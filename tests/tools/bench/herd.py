"""All Mailboxes are due at once, again and again: checks of all, newcomers and edits meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from lab.controlplane.process import Process
from lab.stand.exposition import total
from tools.bench.figures import Figures, cpu_of, lateness, spent, waits
from tools.bench.loop_lag import Lag
from tools.bench.processes import Measured
from tools.bench.sizes import NEWCOMERS
from tools.bench.stand import Stand, place

LOOK_EVERY_SECONDS: Final = 0.25
"""Not more often: to say what it did is work for a process."""
SLEEP_SECONDS: Final = 36.0
"""Longer than the checkInterval with its spread, so that all are due."""
MOST: Final = 0.95
"""A few are in flight when the operator falls asleep, and so are not due when it wakes up."""
EVERY_SECONDS: Final = 0.04
"""So often a person creates or edits a Mailbox."""
OVERDUE: Final = "mailbox_operator_schedule_overdue_seconds"


@dataclass(slots=True)
class Herd:
    """The Mailboxes, and the operator that looks after them.

    Attributes:
        figures: Where the figures go.
        prefix: What their names begin with.
        numbers: Those of Mailboxes that are still to come.
    """

    stand: Stand
    operator: Measured
    figures: Figures
    prefix: str
    numbers: Iterator[int]
    say: Callable[[str], None]

    async def measure(self) -> None:
        """Make all measurements, the first right after a round."""
        await self._refresh("refresh")
        await self._refresh("refresh_again")
        for number in range(1, self.stand.options.repeat + 1):
            created = await self._newcomers(f"newcomers_{number}")
            await self._edits(f"edits_{number}", created)

    async def _refresh(self, name: str) -> None:
        """Until all are checked; the yardstick runs while the operator sleeps."""
        phase = f"{self.prefix}{name}"
        self.say(f"{phase}: all due at once, after a bare loop with the same logins")
        before = await self.stand.api.writes()

        async def bare() -> None:
            told = await self.stand.bare_loop()
            self.figures |= {f"{phase}_bare_{what}": value for what, value in told.items()}

        async with self.all_due(phase, bare):
            wanted = await self.stand.mail.connections() + self.stand.options.size * MOST
            took = await until(lambda: self._dialled(wanted))
        self.figures[f"{phase}_seconds"] = took / MOST
        writes = (await self.stand.api.writes() - before).total()
        self.figures[f"{phase}_writes"] = writes

    async def _newcomers(self, name: str) -> Mapping[int, int]:
        """New ones come one by one; return their numbers, with their generations."""
        phase = f"{self.prefix}{name}"
        self.say(f"{phase}: all due at once, and {NEWCOMERS} new Mailboxes meanwhile")

        async def create(number: int) -> int:
            await self.stand.add(number, "24h")
            return 1

        chosen = [next(self.numbers) for _ in range(NEWCOMERS)]
        return await self._meanwhile(phase, create, chosen)

    async def _edits(self, name: str, known: Mapping[int, int]) -> None:
        """Others are edited one by one; they are not due themselves."""
        phase = f"{self.prefix}{name}"
        self.say(f"{phase}: all due at once, and {len(known)} Mailboxes edited meanwhile")
        await self._meanwhile(phase, lambda number: self.stand.edit(number, "23h"), list(known))

    async def _meanwhile(
        self, phase: str, act: Callable[[int], Awaitable[int]], numbers: list[int]
    ) -> Mapping[int, int]:
        """Do something for some Mailboxes while all others are due, and time until all connect."""
        began, wanted = dict[str, float](), dict[int, int]()
        async with self.all_due(phase):
            self.figures[f"{phase}_overdue_first_seconds"] = await self.operator.figure(OVERDUE)
            for number in numbers:
                began[place(number)[1]] = time.monotonic()
                wanted[number] = await act(number)
                await asyncio.sleep(EVERY_SECONDS)
            generations = {place(number)[1]: each for number, each in wanted.items()}
            await self.stand.watch.until_generations(generations, self.stand.patience_seconds)
        seen = self.stand.watch.connected
        self.figures |= waits(phase, [seen[each] - at for each, at in began.items()])
        return wanted

    @asynccontextmanager
    async def all_due(
        self, phase: str, asleep: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncIterator[None]:
        """Put the operator to sleep until all are due, and measure what it does in the block.

        Args:
            phase: Begins the names of the figures.
            asleep: What is done while it sleeps.
        """
        before = Lag.read(await self.operator.scrape())
        async with sleeping(self.operator):
            woken = time.monotonic() + SLEEP_SECONDS
            if asleep is not None:
                await asleep()
            await asyncio.sleep(max(0.0, woken - time.monotonic()))
            dials, used = await self.stand.mail.connections(), cpu_of(self._processes)
        began = time.monotonic()
        yield
        self.figures[f"{phase}_seconds"] = time.monotonic() - began
        self.figures |= spent(phase, used, cpu_of(self._processes))
        self.figures[f"{phase}_checks"] = await self.stand.mail.connections() - dials
        self.figures[f"{phase}_peak_mib"] = self.operator.usage.peak_mib
        text = await self.operator.scrape()
        self.figures[f"{phase}_overdue_last_seconds"] = total(text, OVERDUE)
        self.figures |= lateness(phase, Lag.read(text).since(before, sleeps=1))

    async def _dialled(self, wanted: float) -> bool:
        return await self.stand.mail.connections() >= wanted

    @property
    def _processes(self) -> Mapping[str, Process]:
        return {"operator": self.operator.process, **self.stand.servers}


@asynccontextmanager
async def sleeping(*operators: Measured) -> AsyncIterator[None]:
    """Stop processes for as long as the block, as a node that is out of processor time does."""
    for each in operators:
        each.pause()
    try:
        yield
    finally:
        for each in operators:
            each.resume()


async def until(done: Callable[[], Awaitable[bool]]) -> float:
    """Wait until something is done; return the seconds it took."""
    began = time.monotonic()
    while not await done():  # noqa: ASYNC110 - another process is waited for
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return time.monotonic() - began
