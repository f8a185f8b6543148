"""What one attempt needs from outside. Every part is a Protocol; wiring.py fits the real ones."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from mailbox_operator.decide.declared.infrastructure import ManagedInfrastructure
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.claim import Claim
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.machine.machine import Conclusion, Proof
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Endpoint, Standing, Status
from mailbox_operator.decide.words import Provider


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


class Postponed(Exception):  # noqa: N818 - it is nobody's error
    """The attempt did not come about, so nothing was learned of the mailbox: it is made soon again.

    The cluster did not answer, or others are being served.
    """


Tenure = Callable[[], None]
"""Asked right before a login and before a token is fetched; it costs nothing.

It raises `Postponed` where another replica may lead by now, because this one stood still.
"""


def unquestioned() -> None:
    """Take no other replica into account."""


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """Access that somebody granted, as the operator keeps it.

    Attributes:
        refresh_token: The newest one of the chain.
        origin: Digest of the refresh token that the tenant's Secret held when the chain began.
        scope: What was granted, as the token endpoint told; empty if it did not.
        identity: The account's stable identifier, as proved at the consent; empty without one.
        login: User name that it logs in by; empty for the address.
        account: Address that the provider vouched for at the consent; empty for a token that the tenant
            brought, and for consents of the Mailbox's own address.
        client: Client that it was given to; empty for a token that the tenant brought.
        consent: Opaque name of the consent it came by; empty for a token that the tenant brought.
        replaces: The refresh token that the operator kept when this one was read; empty if none.
    """

    refresh_token: str = field(repr=False)
    origin: str = ""
    scope: str = ""
    identity: str = ""
    client: str = ""
    consent: str = ""
    login: str = ""
    account: str = ""
    replaces: str = field(default="", repr=False)


class Secrets(Protocol):
    """Reads Secrets at the moment they are needed; none is kept."""

    async def read(self, namespace: str, name: str) -> Secret:
        """Return a Secret.

        Raises:
            Fault: `CredentialsMissing`: there is none of that name.
            Postponed: The cluster did not answer.
        """

    async def read_platform(self, name: str) -> Secret:
        """Return a Secret of the operator's own namespace; raises as `read` does."""


class Grants(Protocol):
    """Keeps grants, one per Mailbox uid, where only the operator reads them."""

    async def read(self, uid: str) -> StoredGrant | None:
        """Return the grant of a Mailbox; None if there is none.

        Raises:
            Postponed: The cluster did not answer.
        """

    async def rotate(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Keep a newer token of the chain, unless what it replaces was replaced meanwhile.

        One that cannot be written now is not lost.
        """

    async def accept(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Keep a grant that somebody just gave, in place of any other, and wake the mailbox.

        Raises:
            Postponed: The cluster does not take it, so it is lost.
        """


class Connector(Protocol):
    """Connects the mailboxes of one provider."""

    async def connect(self, case: Case) -> Proof:
        """Prove one mailbox: log in as it and have its sender accepted.

        Raises:
            Fault: Why it cannot be used.
            Postponed: Others are being served.
        """


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a browser is to go, and which client sends it there."""

    url: str
    client: str


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a browser is sent to the provider with (RFC 6749 section 4.1.1, RFC 7636).

    Attributes:
        nonce: What the id_token has to repeat (OpenID Connect Core 1.0 section 3.1.2.1).
        choose_account: Whether the person is asked which account to use, even if signed in.
    """

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    choose_account: bool = False


class Authorizer(Protocol):
    """Carries one provider's part of a consent."""

    async def departure(self, case: Case, request: AuthorizationRequest) -> Departure:
        """Say where the browser is to go.

        Raises:
            Fault: There is no usable OAuth client.
            Postponed: The cluster did not answer.
        """

    async def redeem(self, case: Case, code: str, request: AuthorizationRequest) -> Redeemed:
        """Exchange a code for tokens (RFC 6749 section 4.1.3), and verify the id_token.

        Raises:
            Fault: Why that is not possible, or why the id_token cannot be trusted.
            Postponed: The cluster did not answer.
        """

    async def prove(self, case: Case, redeemed: Redeemed) -> Proof:
        """Log in as the mailbox with the new access token.

        Raises:
            Fault: Why that is not possible.
        """

    async def revoke(self, token: str) -> None:
        """End a grant (RFC 7009), where the provider knows how; one that has ended is fine.

        Raises:
            Fault: The provider is not reached.
        """


class Platform(Protocol):
    """Proves what the platform provides."""

    async def relay(self, case: Case) -> None:
        """Have the relay accept the mailbox's sender, if the platform declares a relay.

        Raises:
            Fault: `RelayUnavailable` or `RelayRefusedSender`.
            Postponed: Others are being served.
        """

    async def check(self, infrastructure: ManagedInfrastructure) -> Proof:
        """Prove the parts of a ManagedInfrastructure: OAuth apps and relay.

        Raises:
            Fault: What is wrong with the first part that is not usable.
        """


class View(Protocol):
    """What is known of the cluster now."""

    def seen(self, key: Key) -> Seen | None:
        """Return an object with all a decision depends on; None if it is gone."""

    def infrastructure_for(self, mailbox: Mailbox) -> ManagedInfrastructure | None:
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


@dataclass(slots=True)
class Trial:
    """How far a login came.

    Attributes:
        sent: Whether the credentials are on their way.
        accepted: Whether the server took them.
    """

    sent: bool = False
    accepted: bool = False


Gate = Callable[[str], AbstractAsyncContextManager[Trial]]
"""What a session passes that is to log in, and is over when the block ends.

It takes the address that was dialled, and raises `Fault` or `Postponed` where the login has to wait.
"""


def open_gate(_address: str) -> AbstractAsyncContextManager[Trial]:
    """Let every login pass."""
    return nullcontext(Trial())


class Phase(StrEnum):
    """What an attempt spends its time on; `tls` begins with the TCP connection and the greeting."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    SENDER = "sender"
    TOKEN = "token"


class Phases(Protocol):
    """Takes note of the phases of an attempt, those that fail included."""

    def phase(
        self, phase: Phase, server: Endpoint | None = None, /
    ) -> AbstractContextManager[None]:
        """Take note of a phase, which lasts as long as the block; the server is whom it is about."""


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """Takes note of no phase."""

    def phase(self, *_: object) -> AbstractContextManager[None]:
        """Let the block be."""
        return nullcontext()


NO_PHASES: Final = Unnoticed()


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
