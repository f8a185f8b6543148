"""Runs attempts: the only place that starts one. Single flight per mailbox, under all limits."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.machine import Conclusion
from mailbox_operator.decide.reasons import Retry
from mailbox_operator.decide.watched import Key
from mailbox_operator.schedule.limits import Bucket, Slots
from mailbox_operator.schedule.queue import Lane, Place, Queue
from mailbox_operator.schedule.timekeeper import NoTimekeeper, Timekeeper

LONGEST_NAP_SECONDS: Final = 1.0
AFTER_A_BUG_SECONDS: Final = 60.0
AFTER_NOTHING_SECONDS: Final = 3600.0
"""Before the next look at a key whose turn came while there was nothing to do: it is suspended."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a key's regular turn comes."""

    due: float
    lane: Lane


@dataclass(slots=True)
class Flight:
    """An attempt in flight; `changed` asks for another one right behind it."""

    task: asyncio.Task[Conclusion | None]
    destination: str
    began: float
    changed: bool = False


@dataclass(slots=True)
class Runner:
    """The schedule at work.

    Attributes:
        work: Makes an attempt; `due` tells whether the regular turn has come. Returns what it came
            to; None if there was nothing to do: a regular turn that lies ahead stays as it is.
        destination: Names what a key will dial; None if the key is gone.
        beat: Monotonic time of the last turn of the loop; a stuck loop shows here.
    """

    work: Callable[[Key, bool], Awaitable[Conclusion | None]]
    destination: Callable[[Key], str | None]
    monotonic: Callable[[], float]
    slots: Slots
    bucket: Bucket
    timekeeper: Timekeeper = field(default_factory=NoTimekeeper)
    beat: float = 0.0
    queue: Queue = field(default_factory=Queue)
    _turns: dict[Key, Turn] = field(default_factory=dict)
    _flights: dict[Key, Flight] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self, key: Key, lane: Lane) -> None:
        """Ask for a look at a key now; during an attempt, right after it."""
        flight = self._flights.get(key)
        if flight is not None:
            flight.changed = True
        elif not self.queue.is_due(key, self.monotonic(), lane):
            self._enqueue(key, self.monotonic(), lane)

    def plan(self, key: Key, rest: timedelta, lane: Lane) -> None:
        """Set a key's regular turn."""
        self._set_turn(key, rest.total_seconds(), lane)
        if key not in self._flights:
            self._enqueue(key, self._turns[key].due, lane)

    def forget(self, key: Key) -> None:
        """Drop a key; an attempt in flight is cancelled."""
        self._turns.pop(key, None)
        self.queue.remove(key)
        flight = self._flights.get(key)
        if flight is not None:
            flight.changed = False
            flight.task.cancel()

    @property
    def in_flight(self) -> int:
        """How many attempts are being made."""
        return len(self._flights)

    @property
    def ages(self) -> list[float]:
        """Since how many seconds each attempt in flight is being made."""
        now = self.monotonic()
        return [now - flight.began for flight in self._flights.values()]

    async def run(self) -> None:
        """Start attempts as their time comes, until cancelled; then cancel those in flight."""
        try:
            while True:
                self.beat = self.monotonic()
                nap = min(self._start(), LONGEST_NAP_SECONDS)
                try:
                    async with asyncio.timeout(nap):
                        await self._news.wait()
                except TimeoutError:
                    pass
                self._news.clear()
        finally:
            tasks = [flight.task for flight in self._flights.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self) -> float:
        """Start whatever may start now; return the seconds until more may."""
        while not self.slots.full:
            now = self.monotonic()
            if wait := self.bucket.wait(now):
                return wait
            place = self.queue.take(now, self.slots.is_free)
            if place is None:
                nap = self.queue.wait(now)
                return LONGEST_NAP_SECONDS if nap is None else nap
            self._launch(place)
        return LONGEST_NAP_SECONDS

    def _launch(self, place: Place) -> None:
        key, now = place.key, self.monotonic()
        self.bucket.take()
        self.slots.take(place.destination)
        self.timekeeper.started(now - place.due)
        task = asyncio.create_task(self._fly(key), name=str(key))
        self._flights[key] = Flight(task, place.destination, now)
        task.add_done_callback(lambda done: self._land(key, done))

    async def _fly(self, key: Key) -> Conclusion | None:
        turn = self._turns.get(key)
        due = turn is not None and turn.due <= self.monotonic()
        conclusion = await self.work(key, due)
        if conclusion is not None:
            lane = Lane.PERIODIC if conclusion.retry is Retry.INTERVAL else Lane.RETRY
            self._set_turn(key, conclusion.pause.total_seconds(), lane)
        elif due and self._turns.get(key) is turn:
            self._set_turn(key, AFTER_NOTHING_SECONDS, Lane.PERIODIC)
        return conclusion

    def _set_turn(self, key: Key, rest_seconds: float, lane: Lane) -> None:
        self._turns[key] = Turn(self.monotonic() + rest_seconds, lane)

    def _land(self, key: Key, task: asyncio.Task[Conclusion | None]) -> None:
        flight = self._flights.pop(key)
        self.slots.give_back(flight.destination)
        self.queue.release(flight.destination)
        failed = not task.cancelled() and task.exception() is not None
        conclusion = None if failed or task.cancelled() else task.result()
        self.timekeeper.ended(conclusion, self.monotonic() - flight.began, failed=failed)
        if failed:
            self._report(key, task)
        turn = self._turns.get(key)
        if flight.changed:
            self._enqueue(key, self.monotonic(), Lane.CHANGED)
        elif turn is not None:
            self._enqueue(key, turn.due, turn.lane)
        self._news.set()

    def _report(self, key: Key, task: asyncio.Task[Conclusion | None]) -> None:
        """A bug outside the attempt itself: tell it, and keep the mailbox in line."""
        context = {"message": "an attempt failed", "exception": task.exception(), "task": task}
        task.get_loop().call_exception_handler(context)
        if self.destination(key) is not None:
            self._set_turn(key, AFTER_A_BUG_SECONDS, Lane.RETRY)

    def _enqueue(self, key: Key, due: float, lane: Lane) -> None:
        destination = self.destination(key)
        if destination is not None:
            self.queue.put(key, due, lane, destination)
            self.timekeeper.added()
            self._news.set()
