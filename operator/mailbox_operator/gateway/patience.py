"""How long one connection is waited for, by what is awaited of it."""

from dataclasses import dataclass
from typing import Final

from mailbox_operator.deadline import Deadline
from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.gateway.dialogue import Dialogue

LINGER_SECONDS: Final = 5.0
"""How long the last words may take to be read, and TLS to be closed."""


@dataclass(slots=True)
class Patience:
    """Sets one deadline; a part of a command, or of a message, does not move it away."""

    bounds: Bounds
    deadline: Deadline
    _stranger_due: float = 0.0
    _message_began: float = 0.0
    _received: int = 0

    def __post_init__(self) -> None:
        self._stranger_due = self.deadline.loop.time() + self.bounds.login_seconds

    def for_more(self, dialogue: Dialogue) -> None:
        """Wait for what the other side has to say next, if it is its turn."""
        if dialogue.is_waiting:
            self.rest()
        elif dialogue.is_receiving:
            self.received(0)
        else:
            self.for_a_command(is_stranger=not dialogue.is_logged_in)

    def for_a_command(self, *, is_stranger: bool) -> None:
        """Wait for a whole command; a stranger has no more time than until its login is due."""
        due = self.deadline.loop.time() + self.bounds.command_seconds
        self.deadline.at(min(due, self._stranger_due) if is_stranger else due)

    def message_begins(self) -> None:
        """Take note that a message begins now; it is waited for as a whole."""
        self._message_began, self._received = self.deadline.loop.time(), 0

    def received(self, size: int) -> None:
        """Wait as long as so many more bytes of a message may take."""
        self._received += size
        self.deadline.at(self._message_began + self.bounds.message_due(self._received))

    def for_a_reader(self) -> None:
        """Wait until what was written is read."""
        self.deadline.within(self.bounds.reading_seconds)

    def for_the_end(self) -> None:
        """Wait until the last words are read."""
        self.deadline.within(LINGER_SECONDS)

    def rest(self) -> None:
        """Wait for nothing: it is our turn, or the handshake has a time of its own."""
        self.deadline.rest()

    def end(self) -> None:
        """Wait for nothing any more."""
        self.deadline.end()
