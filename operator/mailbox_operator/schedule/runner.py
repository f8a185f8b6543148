"""Runs attempts: the only place that starts one. Single flight per mailbox, under all limits."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.machine.machine import Conclusion
from mailbox_operator.schedule.limits import Bucket, Distances, Slots
from mailbox_operator.schedule.lines import Lane, Place
from mailbox_operator.schedule.queue import Queue
from mailbox_operator.schedule.turns import Flight, NoTimekeeper, Timekeeper, Turn

LONGEST_NAP_SECONDS: Final = 1.0
AFTER_A_BUG_SECONDS: Final = 60.0
AFTER_NOTHING_SECONDS: Final = 3600.0
"""Before the next look at a key whose turn came while there was nothing to do: it is suspended."""

FORGET_EVERY_SECONDS: Final = 60.0


async def at_once(_: Key) -> None:
    """Wait for nothing."""


@dataclass(slots=True)
class Runner:
    """The schedule at work.

    Attributes:
        work: Makes an attempt; `due` tells whether the regular turn has come. Returns what it came
            to; None if there was nothing to do: a regular turn that lies ahead stays as it is.
        destination: Names what a key will dial; None if the key is gone.
        is_needed: Whether a key that was woken has anything to do before its regular turn.
        shown: Waits, without a slot, until what an attempt came to was written, or will not be soon.
        distances: How far apart attempts are that changes ask for.
        beat: Monotonic time of the last turn of the loop; a stuck loop shows here.
    """

    work: Callable[[Key, bool], Awaitable[Conclusion | None]]
    destination: Callable[[Key], str | None]
    monotonic: Callable[[], float]
    slots: Slots
    bucket: Bucket
    is_needed: Callable[[Key], bool] = lambda _: True
    shown: Callable[[Key], Awaitable[None]] = at_once
    distances: Distances = field(default_factory=Distances)
    timekeeper: Timekeeper = field(default_factory=NoTimekeeper)
    beat: float = 0.0
    queue: Queue = field(default_factory=Queue)
    _turns: dict[Key, Turn] = field(default_factory=dict)
    _flights: dict[Key, Flight] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _forget_at: float = 0.0

    def wake(self, key: Key, lane: Lane) -> None:
        """Ask for a look at a key now; during its turn, right after it.

        One that changes again and again is looked at now and then.
        """
        flight = self._flights.get(key)
        if flight is not None:
            flight.changed = True
            return
        at = self._next_change(key) if lane is Lane.CHANGED else self.monotonic()
        if not self.queue.is_in_line(key, at, lane):
            self._enqueue(key, at, lane)

    def plan(self, key: Key, rest: timedelta, lane: Lane) -> None:
        """Set a key's regular turn."""
        self._set_turn(key, rest.total_seconds(), lane)
        if key not in self._flights:
            self._enqueue(key, self._turns[key].due, lane)

    def hasten(self, key: Key) -> None:
        """Have a key's regular turn come now: what it was left to rest with is not so any more.

        An attempt in flight is not repeated. Turns that are hastened again and again keep the
        distance of changes.
        """
        now, turn = self.monotonic(), self._turns.get(key)
        due = self.distances.earliest(key, now)
        if turn is not None and turn.due <= due:
            return
        self.distances.count(key, now)
        self._turns[key] = Turn(due, Lane.CHANGED)
        if key not in self._flights:
            self._enqueue(key, due, Lane.CHANGED)

    def forget(self, key: Key) -> None:
        """Drop a key; an attempt in flight is cancelled."""
        self._turns.pop(key, None)
        self.queue.remove(key)
        flight = self._flights.get(key)
        if flight is not None:
            flight.changed = False
            if flight.task is not None:
                flight.task.cancel()

    def attempts(self, keys: Iterable[Key]) -> list[asyncio.Task[Conclusion | None]]:
        """Return the attempts in flight for any of these keys."""
        found = filter(None, map(self._flights.get, keys))
        return [flight.task for flight in found if flight.task]

    @property
    def in_flight(self) -> int:
        """How many turns are not over."""
        return len(self._flights)

    @property
    def ages(self) -> list[float]:
        """Since how many seconds each attempt is being made."""
        now = self.monotonic()
        return [now - flight.began for flight in self._flights.values() if flight.attempting]

    async def run(self) -> None:
        """Start attempts as their time comes, until cancelled; then cancel those in flight."""
        try:
            while True:
                self.beat = self.monotonic()
                self._forget_old()
                nap = min(self._start(), LONGEST_NAP_SECONDS)
                try:
                    async with asyncio.timeout(nap):
                        await self._news.wait()
                except TimeoutError:
                    pass
                self._news.clear()
        finally:
            tasks = [flight.task for flight in self._flights.values() if flight.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _forget_old(self) -> None:
        if self.beat >= self._forget_at:
            self._forget_at = self.beat + FORGET_EVERY_SECONDS
            self.distances.forget_old(self.beat)

    def _start(self) -> float:
        """Start what may start now; return the seconds until more may."""
        while not self.slots.full:
            now = self.monotonic()
            if wait := self.bucket.wait(now):
                return wait
            place = self.queue.take(now, self.slots)
            if place is None:
                nap = self.queue.wait(now)
                return LONGEST_NAP_SECONDS if nap is None else nap
            if self._is_due(place.key) or self.is_needed(place.key):
                self._launch(place, now)
            else:
                self._pass(place.key)
        return LONGEST_NAP_SECONDS

    def _launch(self, place: Place, now: float) -> None:
        self.bucket.take()
        self.slots.take(place.tenant, place.destination, is_periodic=place.is_periodic)
        self.timekeeper.started(now - place.due)
        if place.lane is Lane.CHANGED and not self._is_due(place.key):
            self.distances.count(place.key, now)
        flight = self._flights[place.key] = Flight(place, now)
        flight.task = asyncio.create_task(self._fly(flight), name=str(place.key))
        flight.task.add_done_callback(lambda done: self._land(flight, done))

    async def _fly(self, flight: Flight) -> Conclusion | None:
        key = flight.place.key
        turn, due = self._turns.get(key), self._is_due(key)
        try:
            conclusion = await self.work(key, due)
        finally:
            self._give_back(flight)
        if conclusion is not None:
            lane = Lane.PERIODIC if conclusion.retry is Retry.INTERVAL else Lane.RETRY
            self._set_turn(key, conclusion.pause.total_seconds(), lane)
        elif due and self._turns.get(key) is turn:  # an equal turn may have been set meanwhile
            self._set_turn(key, AFTER_NOTHING_SECONDS, Lane.PERIODIC)
        await self.shown(key)
        return conclusion

    def _give_back(self, flight: Flight) -> None:
        """Leave the slot to the next one."""
        place = flight.place
        flight.attempting = False
        self.slots.give_back(place.tenant, place.destination, is_periodic=place.is_periodic)
        self.queue.release(place.destination, self.slots)
        self._news.set()

    def _is_due(self, key: Key) -> bool:
        turn = self._turns.get(key)
        return turn is not None and turn.due <= self.monotonic()

    def _pass(self, key: Key) -> None:
        """Leave a key that has nothing to do to its regular turn."""
        turn = self._turns.get(key)
        if turn is not None:
            self._enqueue(key, turn.due, turn.lane)

    def _next_change(self, key: Key) -> float:
        """Say when a key is looked at that was changed: at its distance, or at its regular turn."""
        earliest, turn = self.distances.earliest(key, self.monotonic()), self._turns.get(key)
        return earliest if turn is None else min(earliest, turn.due)

    def _set_turn(self, key: Key, rest_seconds: float, lane: Lane) -> None:
        now = self.monotonic()
        due = now + rest_seconds
        if lane is Lane.RETRY:  # a change begins the backoff from its start, every time
            due = max(due, self.distances.earliest(key, now))
        self._turns[key] = Turn(due, lane)

    def _land(self, flight: Flight, task: asyncio.Task[Conclusion | None]) -> None:
        key = flight.place.key
        del self._flights[key]
        if flight.attempting:  # it was cancelled before it began
            self._give_back(flight)
        self.slots.shown(flight.place.tenant)
        failed = not task.cancelled() and task.exception() is not None
        conclusion = None if failed or task.cancelled() else task.result()
        self.timekeeper.ended(conclusion, self.monotonic() - flight.began, failed=failed)
        if failed:
            self._report(key, task)
        turn = self._turns.get(key)
        if flight.changed:
            self._enqueue(key, self._next_change(key), Lane.CHANGED)
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
