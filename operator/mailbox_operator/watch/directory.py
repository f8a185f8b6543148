"""Looks Senders and Mailboxes up for the gateway, as the watches tell of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox, UnreadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sender, UnreadableSender
from mailbox_operator.decide.machine.case import Case, shown_version
from mailbox_operator.decide.sending.choice import Pool, Weight
from mailbox_operator.decide.sending.rotation import Candidate, Candidates
from mailbox_operator.decide.sending.terms import weight_of
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.store import Store

SENDERS: Final = (ReadableSender, UnreadableSender)
MAILBOXES: Final = (ReadableMailbox, UnreadableMailbox)
WEIGHED_SECONDS: Final = 60.0
"""After which the Mailboxes that a Sender selects are weighed again: a limit may be another one."""


@dataclass(frozen=True, slots=True)
class Directory:
    """What a gateway knows of the cluster.

    Attributes:
        is_listed: Whether the first listing is taken in.
        monotonic: Seconds that no change of the time of day moves.
        weight: What share of the recipients a Mailbox has.
    """

    store: Store
    is_listed: Callable[[], bool]
    monotonic: Callable[[], float]
    weight: Weight = weight_of

    @property
    def is_complete(self) -> bool:
        """Whether everything was listed."""
        return self.is_listed()

    def sender(self, key: Key) -> Sender | None:
        """Return a Sender; None if there is none."""
        found = self.store.subject(key)
        return found if isinstance(found, SENDERS) else None

    def mailbox(self, namespace: str, name: str) -> Mailbox | None:
        """Return a Mailbox; None if there is none."""
        found = self.store.subject(Key(Kind.MAILBOX, namespace, name))
        return found if isinstance(found, MAILBOXES) else None

    def pool(self, sender: ReadableSender) -> Pool:
        """Return the Mailboxes that a Sender sends through, named or selected."""
        return SenderPool(self, sender)

    def case(self, mailbox: ReadableMailbox) -> Case:
        """Return a Mailbox with the infrastructure that it uses.

        A gateway watches no Secrets: which version of them counts, the operator's verdict says.

        Raises:
            Fault: The infrastructure does not exist, or is not open to the namespace.
        """
        return Case(mailbox, self.store.infrastructure_for(mailbox), shown_version(mailbox))


@dataclass(frozen=True, slots=True)
class SenderPool:
    """The Mailboxes of one Sender, as they are known at this moment."""

    directory: Directory
    sender: ReadableSender

    def find(self, name: str) -> Mailbox | None:
        """Return one of them; None if it does not exist."""
        return self.directory.mailbox(self.sender.key.namespace, name)

    def at(self, address: str) -> Sequence[str]:
        """Name those that may have an address; all of few that are named."""
        pool = self.directory.store.pools.of(self.sender.key)
        return pool.at(address) if pool else self.sender.spec.names

    def candidates(self) -> Candidates:
        """Return all that exist; of hundreds that are selected they are kept until a spec changes."""
        pool = self.directory.store.pools.of(self.sender.key)
        if pool is None:
            return self._weighed(self.sender.spec.names)
        moment = int(self.directory.monotonic() // WEIGHED_SECONDS)
        return pool.kept(moment, self._weighed)

    def _weighed(self, names: Iterable[str]) -> Candidates:
        found = ((name, self.find(name)) for name in names)
        return Candidates.of(Candidate(name, self._weight(each)) for name, each in found if each)

    def _weight(self, mailbox: Mailbox) -> float:
        return self.directory.weight(mailbox) if isinstance(mailbox, ReadableMailbox) else 1.0
