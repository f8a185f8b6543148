"""What the parts of the gateway ask of each other and of the world; every part is a Protocol."""

from typing import Protocol

from mailbox_operator.decide.sending.answers import Answer, Situation
from mailbox_operator.decide.sending.delivery import Outcome, Route
from mailbox_operator.decide.sending.message import Message


class Submission(Protocol):
    """What one login may do. It is asked again for every message: a Sender may be gone by then."""

    def begin(self, sender: str) -> Answer | None:
        """Say why this address cannot send now; None if it can. Nobody is dialled for it."""

    async def accept(self, message: Message) -> Answer:
        """Have a message sent, and say what came of it.

        It ends by itself in a bounded time. It is not cancelled when the application hangs up.
        """


class Logins(Protocol):
    """Knows who may send."""

    def authenticate(self, username: str, password: str, source: str) -> Submission | Answer:
        """Return what a login may do, or why it is refused. Nothing is waited for.

        Args:
            username: As it came; any text.
            password: As it came; any text.
            source: The peer's address, for the log at DEBUG.
        """


class Observer(Protocol):
    """Counts."""

    def refused(self, situation: Situation) -> None:
        """Take note of a refusal in words of the gateway's own, before a message is complete."""


class WayOut(Protocol):
    """Sends messages through mailboxes, each at the provider that its Mailbox declares."""

    async def send(self, route: Route, message: Message) -> Outcome:
        """Send one message to all of its recipients, or to none of them.

        It ends within minutes, whatever the provider does, and raises nothing but a cancellation. After
        that it is not known whether the message was sent.
        """
