"""How much of a limit is used, as a status shows it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CAPACITY: Final = "Capacity"
"""Type of the condition that says whether anything can be sent now, as far as limits go."""


class CapacityReason(StrEnum):
    """The `reason` of that condition, and of no other."""

    WITHIN_LIMITS = "WithinLimits"
    LIMIT_REACHED = "LimitReached"
    UNCOUNTED = "Uncounted"


@dataclass(frozen=True, slots=True)
class Capacity:
    """Recipients in any 24 hours.

    Attributes:
        limit: How many there may be.
        used: How many there were.
        available: How many more there may be now.
        next_at: When there may be one more; empty while there may be, and where it is not known.
    """

    limit: int
    used: int
    available: int
    next_at: str = ""
