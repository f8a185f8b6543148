"""Runs what blocks in threads of its own, so that no part of the operator waits behind another."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from mailbox_operator.places import Places

Result = TypeVar("Result")

THREAD_PATIENCE_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 60.0
"""A thread that had nothing to do for so long ends."""


@dataclass(slots=True)
class Threads:
    """A bounded number of threads with a name, shared fairly among tenants.

    A place is taken until the work has ended, also where nobody waits for its result any more: the
    number of threads never exceeds `most`. The threads do not keep the process from ending. They are
    used again: to start one, its starter has to wait for it.

    Attributes:
        name: What the threads are called.
        most: How many there are at once.
        patience_seconds: How long one waits for a thread at the most.
        idle_seconds: How long a thread waits for work.
    """

    name: str
    most: int
    patience_seconds: float = THREAD_PATIENCE_SECONDS
    idle_seconds: float = IDLE_SECONDS
    places: Places = field(init=False)
    _work: "SimpleQueue[Callable[[], None]]" = field(default_factory=SimpleQueue)
    _idle: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.places = Places(self.most, self.patience_seconds)

    async def run(self, tenant: str, work: Callable[[], Result]) -> Result:
        """Return what a function returns, or raise what it raises.

        Raises:
            Postponed: No thread became free in time.
        """
        return await asyncio.wrap_future(await self.start(tenant, work))

    async def start(self, tenant: str, work: Callable[[], Result]) -> Future[Result]:
        """Have a thread begin, and return where its result will be.

        Raises:
            Postponed: No thread became free in time.
        """
        await self.places.take(tenant)
        promised: Future[Result] = Future()
        promised.set_running_or_notify_cancel()

        def job() -> None:
            try:
                tell = partial(promised.set_result, work())
            except BaseException as error:  # noqa: BLE001 - the future raises it to who waits
                tell = partial(promised.set_exception, error)
            with self._lock:
                self._idle += 1
            self.places.give_back(tenant)
            tell()

        try:
            self._hand_over(job)
        except BaseException:
            self.places.give_back(tenant)
            raise
        return promised

    def _hand_over(self, job: Callable[[], None]) -> None:
        """Give work to a thread that has none, or to a new one."""
        with self._lock:
            is_one_idle = self._idle > 0
            self._idle -= is_one_idle
        if not is_one_idle:
            threading.Thread(target=self._serve, name=self.name, daemon=True).start()
        self._work.put(job)

    def _serve(self) -> None:
        while True:
            try:
                self._work.get(timeout=self.idle_seconds)()
            except Empty:
                with self._lock:
                    if self._idle:  # else work is on its way
                        self._idle -= 1
                        return
