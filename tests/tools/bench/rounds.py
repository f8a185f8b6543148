"""The measurements, in the order they are made."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from tools.bench import scraping
from tools.bench.burning import burning
from tools.bench.figures import Cpu, Figures, cpu_of, lateness, spent
from tools.bench.herd import SLEEP_SECONDS, Herd, sleeping, until
from tools.bench.loop_lag import Lag
from tools.bench.processes import Measured
from tools.bench.replicas import Replicas
from tools.bench.sizes import IDLE_SECONDS
from tools.bench.stand import Stand

SETTLED_SECONDS: Final = 3.0
INTERVALS: Final = ("30s", "31s")
"""The shortest there is, and one beside it: to change it is an edit of all Mailboxes."""


@dataclass(slots=True)
class Rounds:
    """Measures, and keeps the figures.

    Attributes:
        say: Tells the person who waits.
    """

    stand: Stand
    say: Callable[[str], None]
    figures: Figures = field(default_factory=dict)
    _numbers: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = count(self.stand.options.size)

    async def run(self) -> Figures:
        """Make all measurements."""
        options = self.stand.options
        self.say(f"creating {options.size} Mailboxes and Secrets")
        await self.stand.fill()
        await self._bare("before")
        async with self.stand.operator(profile="first", killed=True) as operator:
            await self._first_round(operator)
            await self._idle(operator)
            await self._scrapes(operator)
        async with self.stand.operator() as operator:
            await self._restart(operator)
        self.say(f"setting checkInterval of all to {INTERVALS[0]}")
        await self.stand.check_every(INTERVALS[0])
        await self._bare("with_requests", self.stand.plane.kubeconfig)
        await self._herd("", INTERVALS[1])
        if options.contended:
            await self._herd("contended_", INTERVALS[0])
        for replicas in options.replicas:
            await Replicas(self.stand, self.figures, self.say).measure(replicas)
        return self.figures

    async def _herd(self, prefix: str, interval: str) -> None:
        """Have a new operator connect all, which were edited; then all are due, again and again."""
        self.say(f"{prefix or 'quiet_'}round: setting checkInterval of all to {interval}")
        wanted = await self.stand.check_every(interval)
        other_work = burning(self.stand.plane.directory) if prefix else nullcontext()
        with other_work:
            async with self.stand.operator(calm=True, profile=f"{prefix}refresh") as operator:
                await self.stand.watch.until_generations(wanted, self.stand.patience_seconds)
                numbers = self._numbers
                herd = Herd(self.stand, operator, self.figures, prefix, numbers, self.say)
                await herd.measure()
                if not prefix:
                    await self._busy_scrapes(operator)

    async def _bare(self, when: str, kubeconfig: Path | None = None) -> None:
        also = ", which also reads each Secret and writes each status" if kubeconfig else ""
        self.say(f"the same logins by a bare asyncio loop{also}")
        told = await self.stand.bare_loop(kubeconfig)
        self.figures |= {f"bare_{name}_{when}": value for name, value in told.items()}

    async def _first_round(self, operator: Measured) -> None:
        """All are new: from the operator's start until an observer sees all connected."""
        self.say("starting the operator: all Mailboxes are new")
        writes, used = await self.stand.api.writes(), cpu_of(self.stand.servers)
        await self.stand.watch.until_connected(self.stand.options.size, self.stand.patience_seconds)
        took, now = time.monotonic() - operator.began, self._cpu(operator)
        self.figures |= {"first_seconds": took, "first_peak_mib": operator.usage.peak_mib}
        self.figures |= spent("first", used, now)
        self.figures |= lateness("first", Lag.read(await operator.scrape()))
        made = await self._settled() - writes
        self.figures |= {f"first_writes {name}": number for name, number in made.items()}

    async def _idle(self, operator: Measured) -> None:
        """Nothing is due."""
        self.say(f"watching it do nothing for {IDLE_SECONDS:.0f} s")
        lag, before, began = await self._lag(operator), self._cpu(operator), time.monotonic()
        await asyncio.sleep(IDLE_SECONDS)
        took = time.monotonic() - began
        self.figures |= spent("idle", before, self._cpu(operator)) | {"idle_seconds": took}
        self.figures["idle_percent"] = 100 * self.figures["idle_operator_cpu_seconds"] / took
        self.figures["idle_resident_mib"] = operator.usage.resident_mib
        self.figures |= lateness("idle", (await self._lag(operator)).since(lag))

    async def _scrapes(self, operator: Measured) -> None:
        """Nothing else is done."""
        self.say("scraping its metrics")
        lag = await self._lag(operator)
        self.figures |= await scraping.measured(operator, "idle")
        self.figures["scrape_samples"] = await scraping.lines(operator)
        self.figures["scrape_peak_mib"] = operator.usage.peak_mib
        self.figures |= lateness("scrape", (await self._lag(operator)).since(lag))

    async def _busy_scrapes(self, operator: Measured) -> None:
        """All are due."""
        self.say("putting it to sleep again, to scrape it while all are due")
        async with sleeping(operator):
            await asyncio.sleep(SLEEP_SECONDS)
        self.figures |= await scraping.measured(operator, "busy")
        self.figures["busy_peak_mib"] = operator.usage.peak_mib

    async def _restart(self, operator: Measured) -> None:
        """It was killed; until it leads again and knows all, and then for a while."""
        self.say("it was killed; starting it again")
        before, dials = await self.stand.api.writes(), await self.stand.mail.connections()
        used = cpu_of(self.stand.servers)
        await until(lambda: operator.knows(self.stand.options.size))
        took, now = time.monotonic() - operator.began, self._cpu(operator)
        self.figures |= {"restart_seconds": took, "restart_peak_mib": operator.usage.peak_mib}
        self.figures |= spent("restart", used, now)
        await asyncio.sleep(IDLE_SECONDS / 2)
        self.figures |= {
            "restart_writes": (await self.stand.api.writes() - before).total(),
            "restart_dials": await self.stand.mail.connections() - dials,
        }
        self.figures |= lateness("restart", await self._lag(operator))

    async def _settled(self) -> Counter[str]:
        """Wait until nothing more is written: events come a little after the statuses."""
        while True:
            before = await self.stand.api.writes()
            await asyncio.sleep(SETTLED_SECONDS)
            after = await self.stand.api.writes()
            if before == after:
                return after

    async def _lag(self, operator: Measured) -> Lag:
        return Lag.read(await operator.scrape())

    def _cpu(self, operator: Measured) -> Cpu:
        return cpu_of({"operator": operator.process, **self.stand.servers})
