"""Pauses a Sender whose messages are refused one after the other. Pure: time is an argument.

Microsoft throttles a whole mailbox that keeps sending what has to be refused, such as mail to addresses
that do not exist: one application would stop all the others of its mailbox.
"""

from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.sharing.memory import Memory

REFUSALS: Final = 5
"""In a row, without a message that was taken between them."""

WITHIN_SECONDS: Final = 600.0
PAUSE_SECONDS: Final = 600.0
MOST_SENDERS: Final = 100_000


@dataclass(slots=True)
class Breaker:
    """Remembers the refusals of the last minutes, by the uid of the Sender."""

    _refused: Memory[str, tuple[float, ...]] = field(
        default_factory=lambda: Memory(MOST_SENDERS, MOST_SENDERS), repr=False
    )
    _paused: Memory[str, float] = field(
        default_factory=lambda: Memory(MOST_SENDERS, MOST_SENDERS), repr=False
    )

    def refused(self, uid: str, now: float) -> None:
        """Take note that the provider refused a message for what its Sender asked for.

        Args:
            uid: Of the Sender.
            now: Monotonic, in seconds.
        """
        recent = self._refused.recall(uid, now) or ()
        recent = (*(at for at in recent if at > now - WITHIN_SECONDS), now)
        if len(recent) < REFUSALS:
            self._refused.keep(uid, recent, now + WITHIN_SECONDS, now)
            return
        self._refused.forget(uid)
        self._paused.keep(uid, now + PAUSE_SECONDS, now + PAUSE_SECONDS, now)

    def taken(self, uid: str) -> None:
        """Take note that the provider took a message of a Sender."""
        self._refused.forget(uid)

    def pause(self, uid: str, now: float) -> float:
        """Return for how many seconds a Sender is paused yet; 0 if it is not."""
        until = self._paused.recall(uid, now)
        return max(0.0, until - now) if until is not None else 0.0
