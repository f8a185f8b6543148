"""Compares this process's clock with the API server's, which dates each of its answers.

It costs no request. What is known is as old as the latest answer, whichever request that was to.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from mailbox_operator.clock import now
from mailbox_operator.decide.cluster.clocks import NOTICEABLE, Clocks, ahead_of, served_at

WARN_AGAIN_SECONDS: Final = 3600.0
"""Between two warnings; the metric shows it all the time."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ServerClock:
    """Knows by how much this process's clock is ahead of the API server's.

    Attributes:
        now: Tells the time of day.
        monotonic: Tells seconds that nobody sets.
        ahead: By the latest answer; negative where this clock is behind.
    """

    now: Callable[[], datetime] = now
    monotonic: Callable[[], float] = monotonic
    ahead: timedelta = timedelta()
    _warned: float | None = None

    def answered(self, headers: Mapping[str, str], seconds: float) -> None:
        """Take note of the date of an answer, to a request that took so many seconds."""
        served = served_at(headers.get("Date", ""), headers.get("Age", ""))
        found = ahead_of(served, self.now(), seconds) if served else None
        if found is None:  # what was known before is still the best
            return
        self.ahead = found
        if abs(found) > NOTICEABLE and self._is_due():
            self._warned = self.monotonic()
            ahead = round(found.total_seconds())
            log.warning("clock differs from the API server's", extra={"seconds_ahead": ahead})

    def read(self) -> Clocks:
        """Return what both clocks say now."""
        return Clocks(self.now(), self.ahead)

    def earlier(self) -> datetime:
        """Return the time of day by the clock that is behind."""
        return self.read().earlier

    def served(self) -> datetime:
        """Return the time of day by the API server's clock, as far as it is known: all have that."""
        return self.now() - self.ahead

    def ahead_seconds(self) -> float:
        """Return by how many seconds this clock is ahead."""
        return self.ahead.total_seconds()

    def _is_due(self) -> bool:
        return self._warned is None or self.monotonic() - self._warned > WARN_AGAIN_SECONDS
