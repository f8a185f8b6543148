"""The mailboxes that a Sender sends through, as their statuses say; nothing is dialled here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.status.conditions import MailboxCount

NOT_FOUND: Final = "NotFound"
SUSPENDED: Final = "Suspended"
"""Words in place of a reason, where no condition gives one."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One Mailbox that is named or selected.

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
    """What a Sender sends through, in as much as its status says; however many mailboxes there are.

    Attributes:
        count: How many are named or selected, and how many of them are connected.
        sender: The address to send from: that of the first Mailbox there is; empty without any.
        trouble: Names the first Mailbox that is not connected, and says why; empty where all are.
        stamps: All of it that a Sender depends on.
    """

    count: MailboxCount
    sender: str
    trouble: str
    stamps: tuple[str, ...]

    @property
    def facts(self) -> Mapping[str, str]:
        """What messages can say about it."""
        count, trouble = self.count, self.trouble
        return {
            "connected": f"{count.connected} of {count.selected}",
            "lacking": f"; {trouble}" if trouble else "",
            "trouble": trouble,
        }


def selection_of(namespace: str, mailboxes: Sequence[Chosen]) -> Selection:
    """Look at each Mailbox that is named, in the order in which a Sender names them.

    Args:
        namespace: Of the Sender, and so of the mailboxes.
        mailboxes: All of them.
    """
    lacking = [each for each in mailboxes if each.trouble]
    return Selection(
        MailboxCount(len(mailboxes), len(mailboxes) - len(lacking)),
        next((each.address for each in mailboxes if each.address), ""),
        trouble_of(namespace, lacking[0]) if lacking else "",
        tuple(map(str, mailboxes)),
    )


def trouble_of(namespace: str, mailbox: Chosen) -> str:
    """Say why nothing can be sent through a Mailbox."""
    return f"{namespace}/{mailbox.name}: {mailbox.trouble}"
