"""What is to be written to one object: the latest status that is wanted, and how tries went.

It writes nothing.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.sending.capacity import counted_as
from mailbox_operator.decide.status.conditions import Status

WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 60.0, 300.0, 900.0)
"""Seconds after the first, second, ... refusal of a status; the last is repeated."""

MOST_OFFERED: Final = 4
QUICK_TRIES: Final = 5
"""Refusals before the object goes back to the schedule, while its status is still tried."""


class Weight(Enum):
    """What a status is wanted for; COUNT is what the gateways have counted, and nothing else."""

    ANNOUNCEMENT = auto()
    COUNT = auto()
    BOOKKEEPING = auto()
    VERDICT = auto()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The status that an object is to have.

    Attributes:
        seen: The object as it was when that was decided.
        at: When it is written, by the loop's clock.
    """

    seen: Seen
    status: Status
    weight: Weight
    at: float


@dataclass(slots=True)
class Desk:
    """What is to be written to one object.

    Attributes:
        wanted: The latest; None once it stands.
        refusals: How often in a row the API server did not take it.
        retry_at: When it is offered again, by the loop's clock.
        is_writing: Whether a request is on its way.
        is_in_line: Whether it waits for its turn to be written to, or has it.
        is_pending: Whether a verdict is about to be written.
        offered: The last statuses that were sent; which of them the API server took may be unknown.
        timer: Ends the wait until what is wanted is due.
        task: Makes the request.
    """

    wanted: Wanted | None = None
    refusals: int = 0
    retry_at: float = 0.0
    is_writing: bool = False
    is_in_line: bool = False
    is_pending: bool = False
    offered: tuple[Status, ...] = ()
    timer: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None
    _settled: asyncio.Event | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the API server is not expected to take it soon."""
        return self.refusals >= QUICK_TRIES

    def want(self, wanted: Wanted | None) -> None:
        """Want this, and nothing that was wanted before."""
        if wanted and self.wanted and self.wanted.seen.subject.uid != wanted.seen.subject.uid:
            self.refusals, self.retry_at = 0, 0.0  # they were those of a namesake
        self.wanted = wanted
        if wanted is not None and wanted.weight is Weight.VERDICT and not self.is_refused:
            self.is_pending = True
        else:
            self._settle()

    def with_count(self, status: Status) -> Status:
        """Have a status say what was counted, too, if that is still to be written."""
        is_count = self.wanted is not None and self.wanted.weight is Weight.COUNT
        return counted_as(status, self.wanted.status) if self.wanted and is_count else status

    def offer(self, status: Status) -> None:
        """Take note that a status is sent."""
        self.offered = (*self.offered, status)[-MOST_OFFERED:]

    def contradicts(self, wanted: Wanted, standing: Status) -> bool:
        """Say whether the status that stands is neither the one that was seen nor one of our own."""
        return standing not in (wanted.seen.status, *self.offered)

    def put_off(self, now: float, seconds: float) -> None:
        """Offer what is wanted later; nobody refused it."""
        self.retry_at = now + seconds

    def refuse(self, now: float, waits: Sequence[float]) -> None:
        """Count a refusal, and set when the status is offered again."""
        self.retry_at = now + waits[min(self.refusals, len(waits) - 1)]
        self.refusals += 1
        if self.is_refused:
            self._settle()

    def stand(self, written: Wanted) -> None:
        """Take note that a status was taken, or is for nobody any more."""
        self.refusals, self.retry_at = 0, 0.0
        if self.wanted is written:
            self.want(None)

    @property
    def due(self) -> float:
        """When what is wanted is offered, by the loop's clock; never, if nothing is."""
        return max(self.wanted.at, self.retry_at) if self.wanted else math.inf

    async def settled(self) -> None:
        """Wait until no verdict is about to be written."""
        if self.is_pending:
            self._settled = self._settled or asyncio.Event()
            await self._settled.wait()

    def stop_waiting(self) -> None:
        """Let nothing come due."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _settle(self) -> None:
        self.is_pending = False
        if self._settled is not None:
            self._settled.set()
            self._settled = None
