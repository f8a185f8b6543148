"""What a consent asks of the world around it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailbox_operator.connect.ports import Secrets
from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure
from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Departure, Pending
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.claim import Claim
from mailbox_operator.decide.machine.consent import Redeemed, Trouble
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.sharing.shared_rate import Path
from mailbox_operator.decide.words import Provider


class Mailboxes(Protocol):
    """What is known of the cluster now."""

    def find(self, uid: str) -> Mailbox | None:
        """Return the Mailbox of a uid; None if there is none."""

    def infrastructure_for(self, mailbox: Mailbox) -> ReadableInfrastructure | None:
        """Return the ManagedInfrastructure a Mailbox uses; None under Private.

        Raises:
            Fault: It cannot use one.
        """

    def claimable(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Say what becomes of the address of a Mailbox that logged in.

        Raises:
            Fault: `AlreadyClaimed`: the address was proved, but another Mailbox holds it.
        """

    def shares(self, provider: Provider, account: str, besides: str) -> bool:
        """Say whether a Mailbox other than that uid is of this account."""


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


class ConsentGrants(Protocol):
    """Keeps the grants that people give."""

    async def read(self, uid: str) -> StoredGrant | None:
        """Return the grant of a Mailbox; None if there is none.

        Raises:
            Postponed: The cluster did not answer.
        """

    async def accept(self, mailbox: ReadableMailbox, grant: StoredGrant, after: str) -> None:
        """Keep a grant that somebody just gave, unless a later one is kept, and wake the mailbox.

        Args:
            mailbox: Whose it is.
            grant: What was granted.
            after: Name of the consent that was kept before the code was exchanged; empty if none was.

        Raises:
            Postponed: The cluster does not take it, so it is lost.
        """


class PendingConsents(Protocol):
    """Keeps what browsers are out with, for all replicas; every method may raise `Refused`."""

    async def put(self, pending: Pending, now: datetime, most: int) -> None:
        """Keep a request, one of so many of its Mailbox; what is too many is dropped."""

    async def find(self, state: str) -> Pending:
        """Return the request that a state belongs to."""

    async def use(self, pending: Pending) -> None:
        """Use a request up: of all who try, one succeeds."""


class ConsentAudience(Protocol):
    """Whoever counts and tells of consents."""

    def began(self, mailbox: Mailbox) -> None:
        """A browser was sent out."""

    def ended(self, mailbox: Mailbox, outcome: Fault | None) -> None:
        """It came back, and this came of it; None if the mailbox was proved."""

    def refused(self, trouble: Trouble) -> None:
        """A step was not taken."""


@dataclass(frozen=True, slots=True)
class ConsentPorts:
    """Everything a consent needs.

    Attributes:
        starts: Takes a turn to begin a consent, for a tenant, an address and a browser; False if there
            is none.
        returns: The same for the way back, for an address and a browser.
        draw: Draws a text of at least 128 random bits, 43 to 128 unreserved characters (RFC 7636).
        links: How many consents of one Mailbox may be under way.
        keeps: Says whether the grant of a Mailbox that is gone is kept, of that provider and account;
            raises `Postponed` where the cluster does not answer.
    """

    mailboxes: Mailboxes
    requests: PendingConsents
    authorizers: Mapping[Provider, Authorizer]
    secrets: Secrets
    grants: ConsentGrants
    audience: ConsentAudience
    starts: Callable[[Path], bool]
    returns: Callable[[Path], bool]
    draw: Callable[[], str]
    now: Callable[[], datetime]
    redirect_uri: str
    links: int
    keeps: Callable[[Provider, str], Awaitable[bool]]
