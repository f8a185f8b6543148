"""What a connection is made of: a Mailbox, and the infrastructure it uses."""

from dataclasses import dataclass

from mailbox_operator.decide.declared.infrastructure import Offer, ReadableInfrastructure, Relay
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.machine import inputs
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Standing


@dataclass(frozen=True, slots=True)
class Case:
    """A Mailbox whose spec can be read, with the ManagedInfrastructure it uses, if any."""

    mailbox: ReadableMailbox
    infrastructure: ReadableInfrastructure | None
    version: str

    @property
    def spec(self) -> Spec:
        """What the owner of the Mailbox asks for."""
        return self.mailbox.spec

    @property
    def secret_name(self) -> str:
        """Name of the Secret with the tenant's credentials; empty where the platform brings them."""
        return self.spec.secret or ""

    @property
    def offer(self) -> Offer | None:
        """What the platform offers to it; None under Private."""
        return self.infrastructure.spec if self.infrastructure else None

    @property
    def relay(self) -> Relay | None:
        """The platform's relay, if its mail leaves by that: it has to hold its address.

        A Mailbox that does not may not use the platform's name for an address that may be another's.
        """
        return self.offer.relay if self.offer and self.mailbox.status.claimed_at else None

    @property
    def proved(self) -> bool:
        """Whether the status says that this very spec was connected with these very inputs."""
        status = self.mailbox.status
        judged = Seen(self.mailbox, status, self.version).is_judged
        return judged and status.standing is Standing.CONNECTED


def shown_version(mailbox: ReadableMailbox) -> str:
    """Return the version of the inputs that the verdict in a status is about."""
    return inputs.versions_of(mailbox.status.secret_version)
