"""Slows those down who guess logins, and keeps nobody out who knows one.

A right password is never asked about here: a stranger who guesses at a login, even behind the same
address, does not lock its owner out. It has 256 bits, so what is bounded is noise and work, not luck.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

LONGEST_KEY: Final = 320
"""Characters of a login that tell it from others: more than the name of any Sender has."""

Window = tuple[float, int]


@dataclass(slots=True)
class Guesses:
    """Counts wrong logins, by where they come from and by the login they are at.

    Attributes:
        monotonic: Seconds of a clock that nobody sets.
        most: Wrong logins that are answered as such, in a minute.
        pause_seconds: How long the answer to all but the first is held back.
        seconds: How long is counted.
        most_known: Sources, and logins, that are remembered; the oldest is forgotten.
    """

    monotonic: Callable[[], float]
    most: int = 10
    pause_seconds: float = 1.0
    seconds: float = 60.0
    most_known: int = 10_000
    _by_source: dict[str, Window] = field(default_factory=dict)
    _by_login: dict[str, Window] = field(default_factory=dict)

    def wrong(self, source: str, login: str) -> float | None:
        """Count a wrong login.

        Returns:
            The seconds to wait before it is answered; None if there were too many, so that the
            connection ends.
        """
        counts = (self._count(self._by_source, source), self._count(self._by_login, login))
        if max(counts) > self.most:
            return None
        return self.pause_seconds if max(counts) > 1 else 0.0

    def _count(self, windows: dict[str, Window], key: str) -> int:
        now, key = self.monotonic(), key[:LONGEST_KEY]
        start, count = windows.pop(key, (now, 0))
        if now - start >= self.seconds:
            start, count = now, 0
        windows[key] = (start, count + 1)
        if len(windows) > self.most_known:
            del windows[next(iter(windows))]
        return count + 1
