"""Turns of a key: the next one, the one that is under way, and who counts them."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from mailbox_operator.decide.machine.machine import Conclusion
from mailbox_operator.schedule.lines import Lane, Place


@dataclass(frozen=True, slots=True)
class Turn:
    """When a key's regular turn comes."""

    due: float
    lane: Lane


@dataclass(slots=True)
class Flight:
    """One turn of a key.

    Attributes:
        began: Monotonic seconds.
        attempting: Whether it holds a slot; what it came to is shown without one.
        changed: Whether another turn is asked for behind it.
    """

    place: Place
    began: float
    attempting: bool = True
    changed: bool = False
    task: asyncio.Task[Conclusion | None] | None = None


class Timekeeper(Protocol):
    """Counts what the schedule does."""

    def added(self) -> None:
        """A key was put in line."""

    def started(self, late_seconds: float) -> None:
        """Its turn began, so long after its time had come."""

    def ended(self, conclusion: Conclusion | None, seconds: float, *, failed: bool) -> None:
        """Its turn ended after so long; None where nothing was done, `failed` by a bug."""


class NoTimekeeper:
    """Counts nothing."""

    def added(self) -> None:
        """Leave it."""

    def started(self, late_seconds: float) -> None:
        """Leave it."""

    def ended(self, conclusion: Conclusion | None, seconds: float, *, failed: bool) -> None:
        """Leave it."""
