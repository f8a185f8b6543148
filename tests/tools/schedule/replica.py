"""One replica's schedule at work, on a clock that leaps: nobody is dialled, nobody waits."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from lab.virtual_time import VirtualLoop
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.machine.backoff import PACE, pause_after, phase
from mailbox_operator.decide.machine.machine import Conclusion
from mailbox_operator.decide.machine.seen import Known
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.schedule.limits import Bucket, Slots
from mailbox_operator.schedule.lines import Lane
from mailbox_operator.schedule.runner import Runner
from tools.schedule.plan import Fleet


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        at: When it began, in seconds since the start.
        late: By how many seconds that was after its time.
        lane: What it was: a newcomer's first, or a periodic one.
    """

    key: Key
    at: float
    late: float
    lane: Lane


@dataclass(slots=True)
class Played:
    """What a replica did.

    Attributes:
        keys: The Mailboxes that it works on from the start.
        checks: All that began, in order.
        most: Checks in flight at once, at the most.
        busy: Seconds that its core was in use.
    """

    keys: list[Key]
    checks: list[Check] = field(default_factory=list)
    most: int = 0
    busy: float = 0.0


@dataclass(slots=True)
class Replica:
    """The schedule of one replica, fitted as the operator fits it.

    Attributes:
        number: Its own; it seeds the chance that spreads checks.
    """

    fleet: Fleet
    number: int
    played: Played = field(init=False)
    runner: Runner = field(init=False)
    _loop: VirtualLoop = field(default_factory=VirtualLoop)
    _random: Random = field(init=False)
    _due: dict[Key, tuple[float, Lane]] = field(default_factory=dict)
    _core_free: float = 0.0

    def __post_init__(self) -> None:
        limits, self._random = self.fleet.limits, Random(self.number)  # noqa: S311 - no secret
        self.played = Played([key for key in self.fleet.named() if self._works_on(key)])
        self.runner = Runner(
            self._work,
            self.fleet.destination,
            self._loop.time,
            Slots(limits.concurrent_attempts, self.fleet.part),
            Bucket(limits.attempts_per_second, limits.burst),
        )

    def play(self) -> Played:
        """Take up the schedule as after a restart, and play it to the end."""
        newcomers = [key for key in self.fleet.created() if self._works_on(key)]
        self._loop.run_until_complete(self._play(newcomers, self.fleet.created_at))
        self._loop.close()
        return self.played

    def _works_on(self, key: Key) -> bool:
        return self.fleet.replica(key) == self.number

    async def _play(self, newcomers: list[Key], at: float) -> None:
        for key in self.played.keys:
            rest = 0.0 if self.fleet.overdue else self.fleet.interval * phase(str(key))
            self._due[key] = (rest, Lane.PERIODIC)
            self.runner.plan(key, timedelta(seconds=rest), Lane.PERIODIC)
        running = asyncio.create_task(self.runner.run())
        await asyncio.sleep(at)
        for key in newcomers:
            self._due[key] = (self._loop.time(), Lane.NEW)
            self.runner.wake(key, Lane.NEW)
        await asyncio.sleep(self.fleet.rounds * self.fleet.interval - at)
        running.cancel()
        await asyncio.wait([running])

    async def _work(self, key: Key, due: bool) -> Conclusion:  # noqa: FBT001 - Runner's word
        now = self._loop.time()
        planned, lane = self._due[key]
        self.played.checks.append(Check(key, now, now - planned, lane))
        self.played.most = max(self.played.most, self.runner.in_flight)
        self._core_free = max(self._core_free, now) + self.fleet.processor_seconds
        self.played.busy += self.fleet.processor_seconds
        await asyncio.sleep(self._core_free - now + self.fleet.check_seconds)
        pause = self._pause()
        self._due[key] = (self._loop.time() + pause.total_seconds(), Lane.PERIODIC)
        return Conclusion(Status(), Known(), pause, Retry.INTERVAL)

    def _pause(self) -> timedelta:
        interval = timedelta(seconds=self.fleet.interval)
        return pause_after(Retry.INTERVAL, 0, interval, PACE, self._random.random())


def play(fleet: Fleet, number: int) -> Played:
    """Play one replica: what they have in common are the Leases alone."""
    return Replica(fleet, number).play()


def play_all(fleet: Fleet) -> list[Played]:
    """Play all replicas, one after the other."""
    return [play(fleet, number) for number in range(fleet.replicas)]
