"""The mailboxes that a Sender names, as their statuses say; nothing is dialled here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.status.conditions import MailboxCount

NOT_FOUND: Final = "NotFound"
SUSPENDED: Final = "Suspended"
"""Words in place of a reason, where no condition gives one."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One Mailbox that is named.

    Attributes:
        name: Of the Mailbox, in the Sender's own namespace.
        uid: Of the Mailbox; empty where there is none.
        address: What it sends as; empty where there is no Mailbox, or none that can be read.
        trouble: Why nothing can be sent through it; empty where it is connected.
    """

    name: str
    uid: str = ""
    address: str = ""
    trouble: str = NOT_FOUND

    def __str__(self) -> str:
        """Write all of it that a Sender depends on."""
        return f"{self.name}/{self.uid}/{self.address}/{self.trouble}"


@dataclass(frozen=True, slots=True)
class Selection:
    """All that a Sender names, in the order in which it does.

    Attributes:
        namespace: Of the Sender, and so of the mailboxes.
    """

    namespace: str
    mailboxes: tuple[Chosen, ...]

    @property
    def count(self) -> MailboxCount:
        """How many are named, and how many of them are connected."""
        connected = sum(not each.trouble for each in self.mailboxes)
        return MailboxCount(len(self.mailboxes), connected)

    @property
    def sender(self) -> str:
        """The address to send from: that of the first Mailbox there is; empty without any."""
        return next((each.address for each in self.mailboxes if each.address), "")

    @property
    def trouble(self) -> str:
        """Name the first Mailbox that is not connected, and why; empty where all are."""
        found = (each for each in self.mailboxes if each.trouble)
        return next((f"{self.namespace}/{each.name}: {each.trouble}" for each in found), "")

    @property
    def facts(self) -> Mapping[str, str]:
        """What messages can say about it."""
        count, trouble = self.count, self.trouble
        return {
            "connected": f"{count.connected} of {count.selected}",
            "lacking": f"; {trouble}" if trouble else "",
            "trouble": trouble,
        }
