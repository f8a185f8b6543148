"""Work for a schedule that starts, stays in the air and lands when the test says so."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.machine.machine import Conclusion
from mailbox_operator.decide.machine.seen import Known
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.schedule.limits import Bucket, Slots
from mailbox_operator.schedule.runner import Runner

DEADLINE_SECONDS: Final = 10
TEN_MINUTES: Final = timedelta(minutes=10)


def conclusion(pause: timedelta = TEN_MINUTES, retry: Retry = Retry.INTERVAL) -> Conclusion:
    """Make what an attempt may come to."""
    return Conclusion(Status(), Known(), pause, retry)


@dataclass(slots=True)
class Tower:
    """Watches every attempt.

    Attributes:
        now: Monotonic seconds; moved by the test alone.
        holding: Whether attempts stay in the air until `land`.
        outcome: What an attempt comes to.
        error: What it raises instead.
        started: Keys by name, with whether their turn had come.
        most: How many were in the air at once, by destination and, as an empty word, in all.
        gone: Names of keys that are no more.
    """

    now: float = 1000.0
    holding: bool = False
    outcome: Conclusion | None = field(default_factory=conclusion)
    error: Exception | None = None
    started: list[tuple[str, bool]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    most: Counter[str] = field(default_factory=Counter)
    gone: set[str] = field(default_factory=set)
    _air: Counter[str] = field(default_factory=Counter)
    _gates: defaultdict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)
    )

    @property
    def names(self) -> list[str]:
        """The keys that were started, in order."""
        return [name for name, _ in self.started]

    async def work(self, key: Key, due: bool) -> Conclusion | None:  # noqa: FBT001 - Runner's word
        """Fly."""
        self.started.append((key.name, due))
        self._count(key, 1)
        try:
            if self.holding:
                await self._gates[key.name].wait()
                self._gates[key.name].clear()
            if self.error is not None:
                raise self.error
        except asyncio.CancelledError:
            self.cancelled.append(key.name)
            raise
        finally:
            self._count(key, -1)
        return self.outcome

    def destination(self, key: Key) -> str | None:
        """Name the part before the dash, of a key that is there."""
        return None if key.name in self.gone else key.name.partition("-")[0]

    def land(self, name: str) -> None:
        """Let a held attempt end."""
        self._gates[name].set()

    def _count(self, key: Key, change: int) -> None:
        for place in ("", key.name.partition("-")[0]):
            self._air[place] += change
            self.most[place] = max(self.most[place], self._air[place])


def runner_for(tower: Tower, slots: Slots | None = None, bucket: Bucket | None = None) -> Runner:
    """Make a schedule, by default one without limits that matter."""
    return Runner(
        tower.work,
        tower.destination,
        lambda: tower.now,
        slots or Slots(1000, 1000),
        bucket or Bucket(1e6, 1e6),
    )


@asynccontextmanager
async def running(runner: Runner) -> AsyncIterator[None]:
    """Run a schedule for as long as the test does."""
    task = asyncio.create_task(runner.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for a state; a landing is announced to nobody, so it is looked for."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not is_so():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.001)
