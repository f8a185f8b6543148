"""Whoever counts what the schedule does."""

from typing import Protocol

from mailbox_operator.decide.machine.machine import Conclusion


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
