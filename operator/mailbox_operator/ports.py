"""What `reconcile` asks of the world around it; every part is a Protocol, and no adapter is known."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.claim import Claim
from mailbox_operator.decide.machine.machine import Conclusion, Proof
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Provider


class Connector(Protocol):
    """Connects the mailboxes of one provider."""

    async def connect(self, case: Case) -> Proof:
        """Prove one mailbox: log in as it and have its sender accepted.

        Raises:
            Fault: Why it cannot be used.
            Postponed: Others are being served.
        """


class Platform(Protocol):
    """Proves what the platform provides."""

    async def relay(self, case: Case) -> None:
        """Have the relay accept the mailbox's sender, if the platform declares a relay.

        Raises:
            Fault: `RelayUnavailable` or `RelayRefusedSender`.
            Postponed: Others are being served.
        """

    async def check(self, infrastructure: ReadableInfrastructure) -> Proof:
        """Prove the parts of a ManagedInfrastructure: OAuth apps and relay.

        Raises:
            Fault: What is wrong with the first part that is not usable.
        """


class Bindings(Protocol):
    """Keeps the Secrets with the logins of Senders."""

    async def keep(self, sender: ReadableSender, address: str) -> None:
        """Have the Secret of a Sender contain its login, and the address that it sends from.

        Raises:
            Fault: `SecretNameTaken` or `SecretNotWritten`.
            Postponed: The API server does not answer.
        """


class View(Protocol):
    """What is known of the cluster now."""

    def seen(self, key: Key) -> Seen | None:
        """Return an object with all a decision depends on; None if it is gone."""

    def infrastructure_for(self, mailbox: Mailbox) -> ReadableInfrastructure | None:
        """Return the ManagedInfrastructure a Mailbox uses; None under Private.

        Raises:
            Fault: It does not exist, or is not open to the namespace.
        """

    def claimable(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Say what becomes of the address of a Mailbox that logged in.

        Raises:
            Fault: `AlreadyClaimed`: the address was proved, but another Mailbox holds it.
        """

    def claim(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Take the address of a Mailbox that logged in, or let it go; raises as `claimable` does."""

    def conclude(self, key: Key, uid: str, conclusion: Conclusion) -> None:
        """Remember what an attempt came to."""


class Publisher(Protocol):
    """Writes the status, when it differs from the one that stands; nobody waits for it."""

    def announce(self, seen: Seen, status: Status) -> None:
        """Show a status, unless another one follows within moments."""

    def withdraw(self, key: Key) -> None:
        """Do not show what was announced, unless it is being written."""

    def publish(self, seen: Seen, status: Status) -> None:
        """Show a status now."""


class Observer(Protocol):
    """Counts, logs and traces attempts."""

    def attempting(self, seen: Seen) -> AbstractContextManager[None]:
        """Take note of an attempt, which lasts as long as the block."""

    def attempted(self, seen: Seen, outcome: Proof | Exception, seconds: float) -> None:
        """Take note of an attempt that ended so."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything `reconcile` needs.

    Attributes:
        public_url: Where the consent page is; empty if there is none.
    """

    view: View
    connectors: Mapping[Provider, Connector]
    platform: Platform
    publisher: Publisher
    observer: Observer
    pace: Pace
    attempt_timeout_seconds: float
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    jitter: Callable[[], float]
    public_url: str = ""
    bindings: Bindings | None = None
