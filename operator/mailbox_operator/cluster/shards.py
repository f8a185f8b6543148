"""Holds shards: works on them, renews their Leases, and hands them over when replicas come and go.

What is held is certain for as long as its Lease lasts from the moment its renewal was asked for; the
others wait longer, for they count from the moment they saw it. A shard whose Lease was not renewed in
time is let go at once, whatever the API server says later. One that another replica asks for is given
when all work on it is over.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from mailbox_operator.clock import spread
from mailbox_operator.cluster.shardleases import ShardLeases
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.cluster.shards import SHARDS, Moves, moves
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.failure.fault import Postponed

RENEW_AT: Final = 1 / 3
"""Of the time that a Lease lasts: a renewal that fails is tried twice more."""

SOON_SECONDS: Final = 0.2
"""Before the next look after another replica was faster."""

LAST_WRITES_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


def unheard(numbers: Collection[int]) -> None:
    """Tell nobody of shards."""


async def nothing_to_end(numbers: Collection[int]) -> None:
    """End no work."""


def always() -> bool:
    """Let this replica work at any time."""
    return True


@dataclass(slots=True)
class Shards:
    """The shards that this replica works on.

    Attributes:
        leases: Their Leases.
        every_seconds: Between two looks at them.
        may_work: Whether the leader is one that leaves work to others: one of an older version is not.
        on_taken: Hears of shards that are held from now on.
        end_work: Ends all that is done for shards, and returns when it is over.
        news: Set to have a look at the Leases now.
        renewed: When the Lease of each shard was taken or renewed here.
    """

    leases: ShardLeases
    every_seconds: float
    may_work: Callable[[], bool] = always
    on_taken: Callable[[Collection[int]], None] = unheard
    end_work: Callable[[Collection[int]], Coroutine[Any, Any, None]] = nothing_to_end
    news: asyncio.Event = field(default_factory=asyncio.Event)
    renewed: dict[int, float] = field(default_factory=dict)
    _leaving: set[int] = field(default_factory=set)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def held(self) -> frozenset[int]:
        """The shards that this replica works on."""
        return frozenset(self.renewed.keys() - self._leaving)

    def owns(self, subject: Subject) -> bool:
        """Whether an object is for this replica to work on."""
        if len(self.renewed) == SHARDS and not self._leaving:
            return True
        number = subject.shard
        return number in self.renewed and number not in self._leaving

    @property
    def is_certain(self) -> bool:
        """Whether no other replica can work on any of these shards by now; it costs no request."""
        return bool(self.renewed) and not any(self._lapsed())

    def assure(self) -> None:
        """Let pass who works on a shard.

        Raises:
            Postponed: Another replica may hold it by now: this process stood still.
        """
        if not self.is_certain:
            raise Postponed("the Lease of a shard may be another replica's by now")

    async def run(self) -> None:
        """Take, keep and hand over shards until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._guard())
            while True:
                in_time = await self._turn()
                self.news.clear()
                wait = self.every_seconds * spread(0.8, 1) if in_time else SOON_SECONDS
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self.news.wait()

    async def release(self) -> None:
        """Give all shards back at the end of the process; all work on them is over by now."""
        numbers = list(self.renewed)
        self.renewed.clear()
        with suppress(TimeoutError, ApiServerError):
            async with asyncio.timeout(LAST_WRITES_SECONDS):
                while not all(await asyncio.gather(*map(self.leases.give, numbers))):
                    await self.leases.read()  # a renewal that was cut off was written

    async def _turn(self) -> bool:
        """Look once, and act; return whether nobody else was faster."""
        async with asyncio.TaskGroup() as group:
            looking = group.create_task(self._look())
            for number in self._due():
                group.create_task(self._renew(number))
        found = looking.result()
        if found is None:
            return True
        self._leave(found.give)
        await asyncio.gather(*map(self.leases.ask, found.ask))
        await asyncio.gather(*(self._renew(number, refuses=True) for number in found.refuse))
        return await self._take(found.take)

    async def _look(self) -> Moves | None:
        """Return what is to be done; None where that is not known."""
        try:
            shards = await self.leases.read()
        except (ApiServerError, TimeoutError) as error:
            log.warning("Leases of shards not read", extra={"error": str(error) or "no answer"})
            return None
        if not self.may_work():
            return Moves(give=tuple(self.renewed))
        return moves(shards, self.leases.me)

    def _due(self) -> Iterable[int]:
        """Name the Leases to renew; of what is being handed over as well, until it is."""
        now, lasts = self.leases.now(), self.leases.seconds
        return [n for n, at in self.renewed.items() if lasts * RENEW_AT <= now - at < lasts]

    async def _renew(self, number: int, *, refuses: bool = False) -> None:
        renewed = await self.leases.renew(number, refuses=refuses)
        if renewed is not None and number in self.renewed:
            self.renewed[number] = renewed

    async def _take(self, numbers: Collection[int]) -> bool:
        """Take shards; return whether nobody was faster."""
        held = await asyncio.gather(*map(self.leases.take, numbers))
        taken = {n: at for n, at in zip(numbers, held, strict=True) if at is not None}
        if taken:
            self.renewed |= taken
            log.info("shards taken", extra={"shards": sorted(taken), "held": len(self.held)})
            self.on_taken(taken.keys())
        return len(taken) == len(numbers)

    def _leave(self, numbers: Iterable[int]) -> None:
        leaving = set(numbers) - self._leaving
        if leaving:
            self._leaving |= leaving
            self._spawn(self._hand_over(leaving))

    async def _hand_over(self, numbers: set[int]) -> None:
        """Give shards to who asked for them, when all work on them is over."""
        try:
            await self.end_work(numbers)
            for number in numbers:
                self.renewed.pop(number, None)
            await asyncio.gather(*map(self.leases.give, numbers))
            log.info("shards given", extra={"shards": sorted(numbers), "held": len(self.held)})
        finally:
            self._leaving -= numbers

    def _spawn(self, ending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(ending, name="ending work on shards")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _guard(self) -> None:
        """Let go of what was not renewed in time."""
        while True:
            await asyncio.sleep(min(1.0, self.leases.seconds / 10))
            lapsed = [number for number in self._lapsed() if number not in self._leaving]
            if lapsed:
                for number in lapsed:
                    del self.renewed[number]
                log.warning("shards lost: not renewed in time", extra={"shards": sorted(lapsed)})
                self._spawn(self.end_work(lapsed))

    def _lapsed(self) -> Iterable[int]:
        now = self.leases.now()
        return [number for number, at in self.renewed.items() if now - at >= self.leases.seconds]
