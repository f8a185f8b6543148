"""Has a thread with much to compute give way to the event loop.

Python runs one thread at a time, and a thread that computes gives way after five milliseconds. The
event loop waits that long after each call that lets other threads run, dozens of times in one turn. A
thread that rests often takes half of a turn at the most.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from threading import Event
from time import monotonic
from typing import Final, Generic, TypeVar

WORK_SECONDS: Final = 0.001
REST_SECONDS: Final = 0.001
ITEMS_AT_ONCE: Final = 16
"""So many are handed out between two looks at the clock."""

Item = TypeVar("Item")


def sleep(seconds: float) -> None:
    """Stop this thread for so long; it holds nothing meanwhile."""
    Event().wait(seconds)


@dataclass(slots=True)
class Pacer:
    """Has a thread work for a moment and rest for a moment, in turn."""

    monotonic: Callable[[], float] = monotonic
    sleep: Callable[[float], None] = sleep
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = self.monotonic() + WORK_SECONDS

    def give_way(self) -> None:
        """Rest if it is time to."""
        if self.monotonic() >= self._until:
            self.sleep(REST_SECONDS)
            self._until = self.monotonic() + WORK_SECONDS


@dataclass(frozen=True, slots=True)
class Paced(Generic[Item]):
    """Items that are looked at again and again; only a thread of its own may do so, for it rests."""

    items: Iterable[Item]
    pacer: Pacer

    def __iter__(self) -> Iterator[Item]:
        rest = iter(self.items)
        while part := list(islice(rest, ITEMS_AT_ONCE)):
            self.pacer.give_way()
            yield from part
