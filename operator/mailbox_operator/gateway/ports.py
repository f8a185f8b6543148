"""What the parts of the gateway ask of each other and of the world; every part is a Protocol."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sender
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.sending.answers import Answer, Situation
from mailbox_operator.decide.sending.choice import Pool
from mailbox_operator.decide.sending.delivery import Outcome, Route
from mailbox_operator.decide.sending.kept import Kept
from mailbox_operator.decide.sending.ledger import Ledger
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

    async def look_again(self) -> bool:
        """Learn what may have changed a moment ago, and say whether that is known now.

        A password that was written just now may be known to an application before it is known here. It
        ends by itself within seconds.
        """


class Keys(Protocol):
    """Knows the keys that passwords are derived with."""

    def keys(self) -> Sequence[bytes]:
        """Return the current key, then the one before, if there is one; none until they are read."""

    async def look_again(self) -> bool:
        """Wait until they were read once more, or for some seconds; say whether they were."""


class Observer(Protocol):
    """Counts."""

    def refused(self, situation: Situation) -> None:
        """Take note of a refusal in words of the gateway's own, before a message is complete."""

    def welcomed(self) -> None:
        """Take note of an application's login that was accepted."""


class WayOut(Protocol):
    """Sends messages through mailboxes, each at the provider that its Mailbox declares."""

    async def send(self, route: Route, message: Message) -> Outcome:
        """Send one message to all of its recipients, or to none of them.

        It ends within minutes, whatever the provider does, and raises nothing but a cancellation. After
        that it is not known whether the message was sent.
        """


class Directory(Protocol):
    """What is known of the cluster now."""

    @property
    def is_complete(self) -> bool:
        """Whether everything was listed: before that a Sender that is not found may exist."""

    def sender(self, key: Key) -> Sender | None:
        """Return a Sender; None if there is none."""

    def pool(self, sender: ReadableSender) -> Pool:
        """Return the Mailboxes that a Sender sends through, named or selected."""

    def case(self, mailbox: ReadableMailbox) -> Case:
        """Return a Mailbox with the infrastructure that it uses.

        Raises:
            Fault: That does not exist, or is not open to the namespace.
        """


class Reports(Protocol):
    """Tells the operator what a message taught about its Mailbox; nobody waits for it."""

    def sent(self, mailbox: ReadableMailbox) -> None:
        """Take note that the provider took a message."""

    def troubled(self, mailbox: ReadableMailbox, fault: Fault) -> None:
        """Take note of what keeps a Mailbox from sending."""


class Sendings(Protocol):
    """Counts and logs what becomes of messages, by their Sender."""

    def turned_away(self, sender: Key, refusal: Answer) -> None:
        """Take note of a message that was refused before anybody was dialled."""

    def sending(self, sender: Key, route: Route) -> AbstractContextManager[None]:
        """Take note of a message on its way out, which lasts as long as the block."""

    def ended(self, sender: Key, outcome: Outcome, told: Answer, size: int, seconds: float) -> None:
        """Take note of what became of a message, within its block.

        Args:
            sender: Whose application sent it.
            outcome: What its provider did with it.
            told: What the application is told.
            size: Of the message, in bytes.
            seconds: From its end to the provider's reply.
        """


class Ledgers(Protocol):
    """Keeps the ledgers of all gateways, by name."""

    async def read(self, name: str) -> Kept:
        """Read one; an empty one where there is none.

        Raises:
            UncountedError: It cannot be read.
        """

    async def swap(self, name: str, before: Kept, after: Ledger) -> Kept | None:
        """Change one; None if it is another than `before` by now, so that nothing was changed.

        Raises:
            UncountedError: It is not known whether it was changed.
        """
