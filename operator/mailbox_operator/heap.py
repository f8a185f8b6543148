"""Spares the garbage collector the objects that stay: a full collection stops the event loop."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import thread_time
from typing import Any, Final

YOUNGEST: Final = 10_000
"""So many new objects make a collection of the youngest; one attempt makes hundreds."""
OLDER: Final = 20
"""So many collections of one generation make one of the next."""
OLDEST_GENERATION: Final = 2
LONG_SECONDS: Final = 0.05
"""Processor time of a full collection after which nothing it left is looked at again."""


@dataclass(slots=True)
class LongCollections:
    """Spares the collector what a long full collection left: a large listing came late, and stays.

    Attributes:
        long_seconds: From which time on a collection is long.
        freeze: Leaves all objects that are there out of later collections.
        clock: Seconds of processor time of the thread that collects.
    """

    long_seconds: float = LONG_SECONDS
    freeze: Callable[[], None] = gc.freeze
    clock: Callable[[], float] = thread_time
    _began: float = 0.0

    def hear(self, phase: str, told: Mapping[str, Any]) -> None:
        """Hear of the start and the stop of a collection, as `gc.callbacks` has it."""
        if told["generation"] < OLDEST_GENERATION:
            return
        if phase == "start":
            self._began = self.clock()
        elif self.clock() - self._began >= self.long_seconds:
            self.freeze()


def freeze_heap() -> None:
    """Leave all objects that are there by now out of later collections; call it once.

    What is no longer used is freed by its reference count as before; only cycles among these objects
    stay. With ten thousand Mailboxes a collection of all objects takes a third of a second. What comes
    later is collected, until that takes long.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, OLDER, OLDER)
    gc.callbacks.append(LongCollections().hear)
