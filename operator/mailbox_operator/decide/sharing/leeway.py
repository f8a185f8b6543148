"""How many periodic checks may be in flight: fewer while the event loop is late, more while it is not.

All that happens in the process waits for the loop. A check that is a second late harms nobody; a new
Mailbox, a change and the Lease should not wait for it.
"""

from dataclasses import dataclass, field
from typing import Final

GOAL_SECONDS: Final = 0.025
"""How late the loop may be: a login takes about twenty turns of it."""
MORE: Final = 1.0
FEWER: Final = 0.8
LEAST_SHARE: Final = 0.1


@dataclass(slots=True)
class Leeway:
    """One more after each look that found the loop in time, a fifth fewer after each that did not.

    Source:
        Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in
        Computer Networks", Computer Networks and ISDN Systems 17 (1989): additive increase with
        multiplicative decrease settles, and no other pair of them does.

    Attributes:
        most: How many there may be at the most, and are at first. A tenth of them always may.
    """

    most: int
    _allowed: float = field(init=False)

    def __post_init__(self) -> None:
        self._allowed = self.most

    @property
    def allowed(self) -> int:
        """How many may be in flight now."""
        return int(self._allowed)

    @property
    def least(self) -> float:
        """How many may be in flight however late the loop is."""
        return max(1.0, self.most * LEAST_SHARE)

    def observe(self, late_seconds: float) -> None:
        """Learn by how much the loop was late; ten times a second."""
        if late_seconds > GOAL_SECONDS:
            self._allowed = max(self.least, self._allowed * FEWER)
        else:
            self._allowed = min(self.most, self._allowed + MORE)
