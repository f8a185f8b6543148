"""An event loop whose clock leaps to the next timer: weeks pass in seconds, and nothing is skipped."""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any, Final

TURN_SECONDS: Final = 1e-6
"""What a turn of the loop takes at the least, so that waits below the clock's precision end."""


class Leaping(selectors.BaseSelector):
    """Looks at the sockets without waiting; the time that it would have waited is over at once.

    Attributes:
        now: Seconds.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready, or leap."""
        ready = self._real.select(0)
        if not ready:
            assert timeout is not None, "everybody waits for nothing"
            self.now += max(TURN_SECONDS, timeout)
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch a file."""
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Watch it no more."""
        return self._real.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """Return what is watched."""
        return self._real.get_map()

    def close(self) -> None:
        """Let go of everything."""
        self._real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop of such a selector."""

    def __init__(self) -> None:
        self._leaping = Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        """Tell the seconds that have passed on this loop."""
        return self._leaping.now
