"""What one gateway holds of a ledger, and what one message takes of it."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.sending.claims import Claim
from mailbox_operator.decide.sending.kept import Kept
from mailbox_operator.decide.sending.ledger import Full
from mailbox_operator.decide.sending.terms import Terms

IDLE_SECONDS: Final = 60.0
"""After which what is in hand is given back."""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Why nothing can be sent: a limit is reached."""

    claim: Claim
    full: Full


@dataclass(frozen=True, slots=True)
class Taking:
    """What was taken for one message.

    Attributes:
        count: Recipients.
        buckets: By the name of a ledger, the number of the bucket that they count in.
    """

    count: int
    buckets: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Hand:
    """What one ledger gave to this gateway.

    Attributes:
        lock: Held while the ledger is changed; messages that wait for it share what is taken.
        kept: The ledger as it was read or written last; None if that is not known.
        left: Recipients that were taken and not used.
        number: Of the bucket that they count in.
        used_at: When recipients were asked for last; monotonic.
        waiting: Recipients that were asked for, and not given yet.
        lately: Recipients that were given since `minute_began`, monotonic.
        refused: The last refusal: for how many recipients, on which terms, and when; monotonic.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    kept: Kept | None = None
    left: int = 0
    number: int = 0
    used_at: float = 0.0
    waiting: int = 0
    lately: int = 0
    minute_began: float = 0.0
    refused: tuple[int, Terms, Full, float] | None = None

    def wanted(self) -> int:
        """Say how many recipients may be asked for within the next minute."""
        return self.waiting + self.lately

    def give(self, count: int, now: float) -> None:
        """Take note that so many recipients were given to a message."""
        if now - self.minute_began > IDLE_SECONDS:
            self.minute_began, self.lately = now, 0
        self.lately += count
        self.used_at = now
