"""What a connection is made of: a Mailbox, and the infrastructure it uses."""

from dataclasses import dataclass

from mailbox_operator.decide.declared.infrastructure import ManagedInfrastructure
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Standing


@dataclass(frozen=True, slots=True)
class Case:
    """A Mailbox whose spec can be read, with the ManagedInfrastructure it uses, if any."""

    mailbox: Mailbox
    spec: Spec
    infrastructure: ManagedInfrastructure | None
    version: str

    @property
    def proved(self) -> bool:
        """Whether the status says that this very spec was connected with these very inputs."""
        status = self.mailbox.status
        judged = Seen(self.mailbox, status, self.version).is_judged
        return judged and status.standing is Standing.CONNECTED
