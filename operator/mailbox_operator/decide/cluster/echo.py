"""Decides whether a watch tells in time what is known to have changed.

A quiet watch proves nothing: a proxy that buffers answers every request and holds back what a watch
tells, until its buffer is full or the watch ends. An object that is written every few seconds, and is
read or written by every replica, shows it: each version that is known has to arrive by the watch.
"""

from dataclasses import dataclass, replace
from typing import Final

LATE_SECONDS: Final = 15.0
"""What is known for so long has to be told; API servers take less than one second."""
REMEMBERED_SECONDS: Final = 60.0
"""A proxy passes on everything at once now and then: one delay counts for so long."""
ECHO_DEAD_SECONDS: Final = 300.0
"""Late for so long without a pause: a new process may find another way to the API server."""
MOST_EXPECTED: Final = 64
"""The oldest versions decide; what comes after so many is not waited for."""

LATE: Final = (
    "what changes arrives late, or not before the watch ends: look for a proxy that buffers"
)


@dataclass(frozen=True, slots=True)
class Echo:
    """What is known of an object, and what its watch told. Times are seconds of a steady clock.

    Attributes:
        is_open: Whether the watch is open.
        latest: The newest version that is known otherwise; 0 if none is.
        heard: The newest one that was told.
        expected: Versions that the open watch has to tell, and since when they are known.
        late: When it was last late.
        since: Since when it cannot be relied on; None while it can.
    """

    is_open: bool = False
    latest: int = 0
    heard: int = 0
    expected: tuple[tuple[int, float], ...] = ()
    late: float | None = None
    since: float | None = None

    def known(self, version: int, now: float) -> "Echo":
        """Take note of a version that was read or written."""
        if version <= self.latest:
            return _judged(self, now)
        expected = self.expected
        if self.is_open and version > self.heard and len(expected) < MOST_EXPECTED:
            expected = (*expected, (version, now))
        return _judged(replace(self, latest=version, expected=expected), now)

    def open(self, now: float) -> "Echo":
        """Take note that a watch is open: it begins with the latest version."""
        expected = ((self.latest, now),) if self.latest else ()
        return _judged(replace(self, is_open=True, expected=expected), now)

    def told(self, version: int, now: float) -> "Echo":
        """Take note of a version that the watch told, and with it of all before."""
        rest = tuple(each for each in self.expected if each[0] > version)
        late = now if self._is_overdue(now) else self.late
        heard = max(self.heard, version)
        return _judged(replace(self, heard=heard, expected=rest, late=late), now)

    def closed(self, now: float) -> "Echo":
        """Take note that the watch ended or broke off; that it is not open is not judged here."""
        late = now if self._is_overdue(now) else self.late
        return _judged(replace(self, is_open=False, expected=(), late=late), now)

    def deaf(self, now: float) -> str:
        """Say why the watch cannot be relied on; empty if it can."""
        is_remembered = self.late is not None and now - self.late < REMEMBERED_SECONDS
        return LATE if is_remembered or self._is_overdue(now) else ""

    def is_dead(self, now: float) -> bool:
        """Say whether a new process is the remedy."""
        is_long = self.since is not None and now - self.since > ECHO_DEAD_SECONDS
        return is_long and self.deaf(now) != ""

    def _is_overdue(self, now: float) -> bool:
        return bool(self.expected) and now - self.expected[0][1] > LATE_SECONDS


def _judged(echo: Echo, now: float) -> Echo:
    """Take note of since when it cannot be relied on."""
    if not echo.deaf(now):
        return replace(echo, since=None)
    return echo if echo.since is not None else replace(echo, since=now)
