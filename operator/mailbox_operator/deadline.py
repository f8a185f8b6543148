"""A timer that is moved with every command, or message, and costs next to nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Deadline:
    """Calls a function when a time is over that was not moved away.

    Attributes:
        loop: Whose clock counts.
        passed: What is called.
    """

    loop: asyncio.AbstractEventLoop
    passed: Callable[[], None]
    _due: float | None = None
    _rings_at: float = 0.0
    _timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> None:
        """Set the time, from now."""
        self.at(self.loop.time() + seconds)

    def at(self, due: float) -> None:
        """Set the time, by the loop's clock. A later one than before only moves the mark."""
        self._due = due
        if self._timer is not None and self._rings_at > due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer, self._rings_at = self.loop.call_at(due, self._ring), due

    def rest(self) -> None:
        """Let time not count until it is set again."""
        self._due = None

    def end(self) -> None:
        """Call nobody any more."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._due > self.loop.time():
            self.at(self._due)
        else:
            self._due = None
            self.passed()
