"""One consent, from the button to a mailbox that was proved, on one screen."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from mailbox_operator.consent.refused import Refused
from mailbox_operator.consent.requests import Pending, digest
from mailbox_operator.decide.consent import (
    LIFETIME,
    NOT_THIS_ACCOUNT,
    Redeemed,
    Trouble,
    objection,
    takes_consent,
)
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.grants import fault_of_authorization_error
from mailbox_operator.decide.infrastructure import ManagedInfrastructure
from mailbox_operator.decide.mailbox import Mailbox
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.secret import origin_of
from mailbox_operator.decide.status import Standing
from mailbox_operator.decide.words import Provider
from mailbox_operator.ports import (
    AuthorizationRequest,
    Authorizer,
    Case,
    Grants,
    Postponed,
    Secrets,
    StoredGrant,
)

CONSENT_NAME: Final = 16

log = logging.getLogger(__name__)


class Mailboxes(Protocol):
    """What is known of the cluster now."""

    def find(self, uid: str) -> Mailbox | None:
        """Return the Mailbox of a uid; None if there is none."""

    def infrastructure_for(self, mailbox: Mailbox) -> ManagedInfrastructure | None:
        """Return the ManagedInfrastructure a Mailbox uses; None under Private.

        Raises:
            Fault: It cannot use one, or the address is claimed.
        """

    def shares(self, provider: Provider, account: str, besides: str) -> bool:
        """Say whether a Mailbox other than that uid is of this account."""


class Requests(Protocol):
    """Keeps what browsers are out with, for all replicas; every method may raise `Refused`."""

    async def put(self, pending: Pending) -> None:
        """Keep a request."""

    async def find(self, state: str) -> Pending:
        """Return the request that a state belongs to."""

    async def use(self, pending: Pending) -> None:
        """Use a request up: of all who try, one succeeds."""

    async def count(self, uid: str, now: datetime) -> int:
        """Count the requests of a Mailbox that were begun lately."""


class Audience(Protocol):
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
        admit: Takes a place for one more consent; False if too many begin at once.
        draw: Draws a text of at least 128 random bits, 43 to 128 unreserved characters (RFC 7636).
        links: How many consents one Mailbox may begin within the lifetime of one.
    """

    mailboxes: Mailboxes
    requests: Requests
    authorizers: Mapping[Provider, Authorizer]
    secrets: Secrets
    grants: Grants
    audience: Audience
    admit: Callable[[], bool]
    draw: Callable[[], str]
    now: Callable[[], datetime]
    redirect_uri: str
    links: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of a consent.

    Attributes:
        fault: Why the mailbox is not connected by it; None if it was proved.
        kept: Whether the grant was kept.
        redeemed: What came back; None if it did not come to that.
    """

    mailbox: Mailbox
    fault: Fault | None = None
    kept: bool = False
    redeemed: Redeemed | None = None


async def begin(uid: str, browser: str, ports: ConsentPorts, *, choose: bool) -> str:
    """Send a browser out.

    Args:
        uid: Of the Mailbox.
        browser: The cookie of this browser.
        ports: The world outside.
        choose: Whether the person is to choose an account.

    Returns:
        Where to send it.

    Raises:
        Refused: There is nothing to consent to, or not now.
        Fault: The mailbox cannot be connected by consent at the moment.
    """
    mailbox = mailbox_of(uid, ports)
    case = case_of(mailbox, ports)
    if await ports.requests.count(uid, ports.now()) >= ports.links or not ports.admit():
        raise Refused(Trouble.TOO_MANY_ATTEMPTS, uid)
    request = AuthorizationRequest(
        ports.redirect_uri, ports.draw(), ports.draw(), ports.draw(), choose_account=choose
    )
    try:
        departure = await ports.authorizers[case.spec.provider].departure(case, request)
    except Postponed as error:
        raise Refused(Trouble.CLUSTER_UNAVAILABLE, uid) from error
    pending = Pending(
        uid=uid,
        generation=mailbox.generation,
        browser=digest(browser),
        client=departure.client,
        began=ports.now().timestamp(),
        request=request,
    )
    await ports.requests.put(pending)
    ports.audience.began(mailbox)
    return departure.url


async def finish(back: Mapping[str, str], browser: str, ports: ConsentPorts) -> Arrival:
    """Take a browser in that comes back from the provider (RFC 6749 section 4.1.2).

    Args:
        back: The query it brings.
        browser: Its cookie.
        ports: The world outside.

    Raises:
        Refused: It does not bring what it was sent out with, or the mailbox is another by now.
    """
    pending = await ports.requests.find(back.get("state", ""))
    if digest(browser) != pending.browser:
        raise Refused(Trouble.OTHER_BROWSER, pending.uid)
    if ports.now().timestamp() - pending.began > LIFETIME.total_seconds():
        raise Refused(Trouble.LINK_EXPIRED, pending.uid)
    await ports.requests.use(pending)
    mailbox = mailbox_of(pending.uid, ports)
    if mailbox.generation != pending.generation:
        raise Refused(Trouble.MAILBOX_CHANGED, pending.uid)
    try:
        arrival = await arrived(mailbox, pending, back, ports)
    except Postponed as error:
        raise Refused(Trouble.CLUSTER_UNAVAILABLE, pending.uid) from error
    ports.audience.ended(mailbox, arrival.fault)
    return arrival


async def arrived(
    mailbox: Mailbox, pending: Pending, back: Mapping[str, str], ports: ConsentPorts
) -> Arrival:
    """Exchange the code, prove the mailbox, keep the grant; in this order."""
    try:
        case = case_of(mailbox, ports)
        redeemed = await redeem(case, pending.request, back, ports)
    except Fault as fault:
        return Arrival(mailbox, fault.knowing(client=pending.client))
    held = await ports.grants.read(mailbox.uid)
    bound = held.identity if held and held.identity else mailbox.status.granted_identity
    trouble = objection(redeemed, case.spec, bound) or await disproof(case, redeemed, ports)
    if trouble is not None and trouble.reason in NOT_THIS_ACCOUNT:
        await discard(mailbox, redeemed, held, ports)
        return Arrival(mailbox, trouble, redeemed=redeemed)
    await ports.grants.accept(mailbox, await grant_of(case, redeemed, pending.request, ports))
    return Arrival(mailbox, trouble, kept=True, redeemed=redeemed)


async def redeem(
    case: Case, request: AuthorizationRequest, back: Mapping[str, str], ports: ConsentPorts
) -> Redeemed:
    """Exchange the code for tokens.

    Raises:
        Fault: The person or the provider said no.
        Refused: The code is not good any more.
    """
    code = back.get("code", "")
    if not code:
        error, description = back.get("error", ""), back.get("error_description", "")
        raise fault_of_authorization_error(error, description)
    try:
        return await ports.authorizers[case.spec.provider].redeem(case, code, request)
    except Fault as fault:
        if fault.reason is Reason.GRANT_REVOKED:  # there was no grant yet: the code is dead
            raise Refused(Trouble.LINK_EXPIRED, case.mailbox.uid) from fault
        raise


async def disproof(case: Case, redeemed: Redeemed, ports: ConsentPorts) -> Fault | None:
    """Log in as the mailbox; return why that is not possible, or None if it is."""
    try:
        await ports.authorizers[case.spec.provider].prove(case, redeemed)
    except Fault as fault:
        return fault
    return None


async def discard(
    mailbox: Mailbox, redeemed: Redeemed, held: StoredGrant | None, ports: ConsentPorts
) -> None:
    """Give back a grant that is of no use, unless a mailbox lives by it.

    A provider ends all that an account granted to a client, not one token of it.
    """
    assert mailbox.spec is not None
    provider = mailbox.spec.provider
    connected = held is not None or mailbox.status.standing is Standing.CONNECTED
    own = connected and redeemed.account.casefold() == mailbox.spec.address.casefold()
    if own or ports.mailboxes.shares(provider, redeemed.account, mailbox.uid):
        return
    try:
        await ports.authorizers[provider].revoke(redeemed.refresh_token or redeemed.access_token)
    except Fault as fault:
        log.warning("useless grant not revoked", extra={"detail": fault.detail})


async def grant_of(
    case: Case, redeemed: Redeemed, request: AuthorizationRequest, ports: ConsentPorts
) -> StoredGrant:
    """Write down what was granted; under Private it takes the place of the tenant's own token."""
    origin = ""
    if case.spec.secret:
        origin = origin_of(await ports.secrets.read(case.mailbox.key.namespace, case.spec.secret))
    return StoredGrant(
        redeemed.refresh_token,
        origin,
        redeemed.scope,
        identity=redeemed.identity,
        client=redeemed.client,
        consent=digest(request.state)[:CONSENT_NAME],
    )


def mailbox_of(uid: str, ports: ConsentPorts) -> Mailbox:
    """Find the Mailbox of a link.

    Raises:
        Refused: It is no more, or was never there.
    """
    mailbox = ports.mailboxes.find(uid)
    if mailbox is None:
        raise Refused(Trouble.MAILBOX_GONE)
    return mailbox


def case_of(mailbox: Mailbox, ports: ConsentPorts) -> Case:
    """Gather what a connection of this Mailbox depends on.

    Raises:
        Refused: It is not connected by consent, or not at all.
        Fault: Its spec, its infrastructure or another Mailbox stands in the way.
    """
    if mailbox.problem is not None:
        raise mailbox.problem
    if not takes_consent(mailbox.spec):
        raise Refused(Trouble.NO_CONSENT_NEEDED)
    if mailbox.suspended:
        raise Refused(Trouble.MAILBOX_SUSPENDED, mailbox.uid)
    assert mailbox.spec is not None
    return Case(mailbox, mailbox.spec, ports.mailboxes.infrastructure_for(mailbox), "")
