"""The clock and chance; decisions are given both as arguments."""

import random
import time
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Final

CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the process is stopped, and in Linux while the machine sleeps as well."""


def now() -> datetime:
    """Return the time of day, aware, in UTC."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Return seconds since some moment, by a clock that nobody sets."""
    return time.clock_gettime(CLOCK)


def jitter() -> float:
    """Draw from 0 to 1."""
    return spread(0, 1)


def spread(least: float, most: float) -> float:
    """Draw from a range, so that many do not act at the same moment; it guards nothing."""
    return random.uniform(least, most)  # noqa: S311 - spreads load


def draw() -> str:
    """Draw 256 bits that nobody can guess, as 43 characters."""
    return token_urlsafe(32)
