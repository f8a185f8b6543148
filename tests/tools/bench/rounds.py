"""The measurements, in the order they are made."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tools.bench import scraping
from tools.bench.cluster import Effort
from tools.bench.processes import Measured
from tools.bench.sizes import IDLE_SECONDS, NEWCOMERS
from tools.bench.stand import Stand

LOOK_EVERY_SECONDS: Final = 0.25
"""Not more often: to tell its metrics is work for the operator."""
SETTLED_SECONDS: Final = 3.0
SLEEP_SECONDS: Final = 35.0
"""Longer than the shortest checkInterval with its spread, so that all are due."""
MOST: Final = 0.95
"""A few are in flight when the operator falls asleep, and so are not due when it wakes up."""
NEWCOMER_EVERY_SECONDS: Final = 0.04

Figures = dict[str, float]


@dataclass(slots=True)
class Rounds:
    """Measures, and keeps the figures.

    Attributes:
        say: Tells the person who waits.
    """

    stand: Stand
    say: Callable[[str], None]
    figures: Figures = field(default_factory=dict)

    async def run(self) -> Figures:
        """Make all measurements."""
        size = self.stand.options.size
        self.say(f"creating {size} Mailboxes and Secrets")
        await self.stand.fill()
        await self._bare("before")
        async with self.stand.operator(profile="first") as operator:
            await self._first_round(operator)
            await self._idle(operator)
            await self._scrapes(operator)
            await end(operator, profiled=bool(self.stand.options.profile))
        async with self.stand.operator() as operator:
            await self._restart(operator)
        self.say("setting checkInterval of all to 30s, the shortest there is")
        await self.stand.check_every("30s")
        await self._bare("with_requests", self.stand.plane.kubeconfig)
        async with self.stand.operator(calm=True, profile="refresh") as operator:
            await self._until_all_connected(size)
            await self._refresh(operator)
            await self._newcomers(operator)
            await self._busy_scrapes(operator)
        return self.figures

    async def _bare(self, when: str, kubeconfig: Path | None = None) -> None:
        also = ", which also reads each Secret and writes each status" if kubeconfig else ""
        self.say(f"the same logins by a bare asyncio loop{also}")
        told = await self.stand.bare_loop(kubeconfig)
        self.figures |= {f"bare_{name}_{when}": value for name, value in told.items()}

    async def _first_round(self, operator: Measured) -> None:
        """All are new: from the operator's start until an observer sees all connected."""
        self.say("starting the operator: all Mailboxes are new")
        before = await self._effort()
        await self._until_all_connected(self.stand.options.size)
        took, used = time.monotonic() - operator.began, operator.usage
        effort = (await self._settled()).since(before)
        self.figures |= {
            "first_seconds": took,
            "first_cpu_seconds": used.cpu_seconds,
            "first_api_server_cpu_seconds": effort.cpu_seconds,
            "first_peak_mib": used.peak_mib,
        }
        self.figures |= {f"first_writes {name}": count for name, count in effort.writes.items()}

    async def _idle(self, operator: Measured) -> None:
        """Nothing is due."""
        self.say(f"watching it do nothing for {IDLE_SECONDS:.0f} s")
        before, began = operator.usage, time.monotonic()
        await asyncio.sleep(IDLE_SECONDS)
        after, took = operator.usage, time.monotonic() - began
        self.figures["idle_percent"] = 100 * (after.cpu_seconds - before.cpu_seconds) / took
        self.figures["idle_resident_mib"] = after.resident_mib

    async def _scrapes(self, operator: Measured) -> None:
        """Nothing else is done."""
        self.say("scraping its metrics")
        self.figures |= await scraping.measured(operator, "idle")
        self.figures["scrape_samples"] = await scraping.lines(operator)
        self.figures["scrape_peak_mib"] = operator.usage.peak_mib

    async def _busy_scrapes(self, operator: Measured) -> None:
        """All are due."""
        self.say("putting it to sleep again, to scrape it while all are due")
        operator.pause()
        await asyncio.sleep(SLEEP_SECONDS)
        operator.resume()
        self.figures |= await scraping.measured(operator, "busy")

    async def _restart(self, operator: Measured) -> None:
        """It was killed; until it leads again and knows all, and then for a while."""
        self.say("it was killed; starting it again")
        before, dials = await self._effort(), await self.stand.mail.connections()
        await until(lambda: operator.knows(self.stand.options.size))
        took, used = time.monotonic() - operator.began, operator.usage
        await asyncio.sleep(IDLE_SECONDS / 2)
        writes = (await self._effort()).since(before).writes
        self.figures |= {
            "restart_seconds": took,
            "restart_cpu_seconds": used.cpu_seconds,
            "restart_peak_mib": used.peak_mib,
            "restart_writes": writes.total(),
            "restart_dials": await self.stand.mail.connections() - dials,
        }

    async def _refresh(self, operator: Measured) -> None:
        """It slept until all were due, and the yardstick ran meanwhile; until all are checked."""
        self.say(f"putting it to sleep for {SLEEP_SECONDS:.0f} s, so that all are due at once")
        await self._settled()
        before = await self._effort()
        operator.pause()
        woken = time.monotonic() + SLEEP_SECONDS
        await self._bare("meanwhile")
        await asyncio.sleep(max(0.0, woken - time.monotonic()))
        used, done = operator.usage, await self.stand.mail.connections()
        wanted = done + self.stand.options.size * MOST

        async def most_checked() -> bool:
            return await self.stand.mail.connections() >= wanted

        operator.resume()
        self.figures["refresh_seconds"] = await until(most_checked) / MOST
        self.figures["refresh_cpu_seconds"] = operator.usage.cpu_seconds - used.cpu_seconds
        self.figures["refresh_peak_mib"] = operator.usage.peak_mib
        self.figures["refresh_writes"] = (await self._effort()).since(before).writes.total()

    async def _newcomers(self, operator: Measured) -> None:
        """While all the others are due, new ones come one by one."""
        self.say(f"the same again, and {NEWCOMERS} new Mailboxes meanwhile")
        operator.pause()
        await asyncio.sleep(SLEEP_SECONDS)
        operator.resume()
        overdue = await operator.figure("mailbox_operator_schedule_overdue_seconds")
        size, created = self.stand.options.size, dict[str, float]()
        for number in range(size, size + NEWCOMERS):
            created[f"box-{number}"] = time.monotonic()
            await self.stand.add(number, "24h")
            await asyncio.sleep(NEWCOMER_EVERY_SECONDS)
        busy = await operator.figure("mailbox_operator_schedule_overdue_seconds")
        await self._until_all_connected(size + NEWCOMERS)
        seen = self.stand.watch.connected
        waits = sorted(seen[name] - at for name, at in created.items())
        self.figures |= {
            "newcomer_p50_seconds": waits[len(waits) // 2],
            "newcomer_p99_seconds": waits[len(waits) * 99 // 100 - 1],
            "newcomer_max_seconds": waits[-1],
            "overdue_seconds_at_the_first": overdue,
            "overdue_seconds_at_the_last": busy,
        }

    async def _until_all_connected(self, count: int) -> None:
        await self.stand.watch.until_connected(count, within_seconds=60 + count / 5)

    async def _effort(self) -> Effort:
        return await self.stand.api.effort()

    async def _settled(self) -> Effort:
        """Wait until nothing more is written: events come a little after the statuses."""
        while True:
            before = await self._effort()
            await asyncio.sleep(SETTLED_SECONDS)
            after = await self._effort()
            if before.writes == after.writes:
                return after


async def until(done: Callable[[], Awaitable[bool]]) -> float:
    """Wait until something is done; return the seconds it took."""
    began = time.monotonic()
    while not await done():  # noqa: ASYNC110 - another process is waited for
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return time.monotonic() - began


async def end(operator: Measured, *, profiled: bool) -> None:
    """Kill it, unless a profiler has to write down what it saw."""
    await (operator.terminate() if profiled else operator.kill())
