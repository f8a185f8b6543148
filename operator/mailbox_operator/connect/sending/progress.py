"""What the way out tells of messages while they are on it: their phases, and the logins they needed."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final, Protocol

from mailbox_operator.decide.words import MessagePhase


class Progress(Protocol):
    """Takes note of how far messages are, those that fail included."""

    def message_phase(self, phase: MessagePhase, /) -> AbstractContextManager[None]:
        """Take note of a phase of a message, which lasts as long as the block."""

    def logged_in(self, *, accepted: bool) -> None:
        """Take note of a login that was sent to a provider or relay, and whether it was accepted."""


@dataclass(frozen=True, slots=True)
class Unwatched:
    """Takes note of nothing."""

    def message_phase(self, _: MessagePhase, /) -> AbstractContextManager[None]:
        """Let the block be."""
        return nullcontext()

    def logged_in(self, *, accepted: bool) -> None:
        """Note no login."""


UNWATCHED: Final = Unwatched()
