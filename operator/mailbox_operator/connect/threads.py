"""Runs what blocks in threads of its own, so that no part of the operator waits behind another."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from mailbox_operator.places import Places

Result = TypeVar("Result")

PATIENCE_SECONDS = 5.0


@dataclass(slots=True)
class Threads:
    """A bounded number of threads with a name, shared fairly among tenants.

    A place is taken until the thread has ended, also where nobody waits for its result any more:
    the number of threads never exceeds `most`. The threads do not keep the process from ending.

    Attributes:
        name: What the threads are called.
        most: How many there are at once.
        patience_seconds: How long one waits for a thread at the most.
    """

    name: str
    most: int
    patience_seconds: float = PATIENCE_SECONDS
    places: Places = field(init=False)

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

        def run() -> None:
            try:
                promised.set_result(work())
            except BaseException as error:  # noqa: BLE001 - the future raises it to who waits
                promised.set_exception(error)
            finally:
                self.places.give_back(tenant)

        try:
            threading.Thread(target=run, name=self.name, daemon=True).start()
        except BaseException:
            self.places.give_back(tenant)
            raise
        return promised
