"""Looks Senders and Mailboxes up for the gateway, as the watches tell of them."""

from collections.abc import Callable
from dataclasses import dataclass

from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox, UnreadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sender, UnreadableSender
from mailbox_operator.decide.machine.case import Case, shown_version
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.store import Store


@dataclass(frozen=True, slots=True)
class Directory:
    """What a gateway knows of the cluster.

    Attributes:
        is_listed: Whether the first listing is taken in.
    """

    store: Store
    is_listed: Callable[[], bool]

    @property
    def is_complete(self) -> bool:
        """Whether everything was listed."""
        return self.is_listed()

    def sender(self, namespace: str, name: str) -> Sender | None:
        """Return a Sender; None if there is none."""
        found = self.store.subject(Key(Kind.SENDER, namespace, name))
        return found if isinstance(found, ReadableSender | UnreadableSender) else None

    def mailbox(self, namespace: str, name: str) -> Mailbox | None:
        """Return a Mailbox; None if there is none."""
        found = self.store.subject(Key(Kind.MAILBOX, namespace, name))
        return found if isinstance(found, ReadableMailbox | UnreadableMailbox) else None

    def case(self, mailbox: ReadableMailbox) -> Case:
        """Return a Mailbox with the infrastructure that it uses.

        A gateway watches no Secrets: which version of them counts, the operator's verdict says.

        Raises:
            Fault: The infrastructure does not exist, or is not open to the namespace.
        """
        return Case(mailbox, self.store.infrastructure_for(mailbox), shown_version(mailbox))
