"""One consent, from the button to a mailbox that was proved, on one screen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mailbox_operator.consent.keeping import build_grant, consent_name, discard, give_back
from mailbox_operator.consent.ports import ConsentPorts
from mailbox_operator.consent.visitors import Visitor
from mailbox_operator.decide.declared.mailbox import Mailbox, UnreadableMailbox
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.token_errors import fault_of_authorization_error
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Pending, digest
from mailbox_operator.decide.grants.precedence import Consent
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import (
    LIFETIME,
    NOT_THIS_ACCOUNT,
    Redeemed,
    Refused,
    Trouble,
    is_own_account,
    objection,
)

DRAWN: Final = re.compile(r"[A-Za-z0-9_-]{43,128}")
"""What a state looks like; others are not looked up."""
USELESS: Final = NOT_THIS_ACCOUNT | {Reason.ALREADY_CLAIMED}
"""What a grant comes to that is not kept."""


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


async def begin(uid: str, visitor: Visitor, ports: ConsentPorts, *, choose: bool) -> str:
    """Send a browser out.

    Args:
        uid: Of the Mailbox.
        visitor: The browser.
        ports: The world outside.
        choose: Whether the person is to choose an account.

    Returns:
        Where to send it.

    Raises:
        Refused: There is nothing to consent to, or not now.
        Fault: The mailbox cannot be connected by consent at the moment.
    """
    mailbox = find_mailbox(uid, ports)
    case = case_of(mailbox, ports)
    if not ports.starts((mailbox.key.namespace, *visitor.steps)):
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
        browser=digest(visitor.browser),
        client=departure.client,
        began=ports.now().timestamp(),
        request=request,
        origin=visitor.origin,
    )
    await ports.requests.put(pending, ports.now(), ports.links)
    ports.audience.began(mailbox)
    return departure.url


async def finish(back: Mapping[str, str], visitor: Visitor, ports: ConsentPorts) -> Arrival:
    """Take a browser in that comes back from the provider (RFC 6749 section 4.1.2).

    Args:
        back: The query it brings.
        visitor: The browser.
        ports: The world outside.

    Raises:
        Refused: It does not bring what it was sent out with, or the mailbox is another by now.
    """
    state = back.get("state", "")
    if not DRAWN.fullmatch(state):
        raise Refused(Trouble.LINK_EXPIRED)
    if not ports.returns(visitor.steps):
        raise Refused(Trouble.TOO_MANY_ATTEMPTS)
    pending = await ports.requests.find(state)
    if digest(visitor.browser) != pending.browser:
        raise Refused(Trouble.OTHER_BROWSER, pending.uid)
    if ports.now().timestamp() - pending.began > LIFETIME.total_seconds():
        raise Refused(Trouble.LINK_EXPIRED, pending.uid)
    await ports.requests.use(pending)
    mailbox = find_mailbox(pending.uid, ports)
    if mailbox.generation != pending.generation:
        raise Refused(Trouble.MAILBOX_CHANGED, pending.uid)
    try:
        arrival = await complete(mailbox, pending, back, ports)
    except Postponed as error:
        raise Refused(Trouble.CLUSTER_UNAVAILABLE, pending.uid) from error
    ports.audience.ended(mailbox, arrival.fault)
    return arrival


async def complete(
    mailbox: Mailbox, pending: Pending, back: Mapping[str, str], ports: ConsentPorts
) -> Arrival:
    """Exchange the code, prove the mailbox, keep the grant; in this order."""
    try:
        case = case_of(mailbox, ports)
        before = await ports.grants.read(mailbox.uid)
        redeemed = await redeem(case, pending.request, back, ports)
    except Fault as fault:
        return Arrival(mailbox, fault.with_facts(client=pending.client))
    consent = Consent(consent_name(pending.request), ports.now())
    try:
        return await settle_grant(case, redeemed, consent, before.consent if before else "", ports)
    except Postponed as error:
        await give_back(case.mailbox, redeemed, consent, ports)
        raise Refused(Trouble.GRANT_NOT_KEPT, mailbox.uid) from error


async def settle_grant(
    case: Case, redeemed: Redeemed, consent: Consent, after: str, ports: ConsentPorts
) -> Arrival:
    """Prove the mailbox, keep the grant.

    Args:
        case: The mailbox.
        redeemed: What came back.
        consent: The one that it came by.
        after: Name of the consent that was kept before; empty if none was.
        ports: The world outside.

    Raises:
        Postponed: The cluster did not answer, so the grant is not kept.
    """
    mailbox = case.mailbox
    held = await ports.grants.read(mailbox.uid)
    bound = held.identity if held and held.identity else mailbox.status.granted_identity
    trouble = objection(redeemed, case.spec, bound) or await disprove(case, redeemed, ports)
    if trouble is not None and _is_useless(trouble, redeemed, case):
        await discard(mailbox, redeemed, held, ports)
        return Arrival(mailbox, trouble, redeemed=redeemed)
    await ports.grants.accept(mailbox, await build_grant(case, redeemed, consent, ports), after)
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


async def disprove(case: Case, redeemed: Redeemed, ports: ConsentPorts) -> Fault | None:
    """Log in as the mailbox; return why that is not possible, or None if it is.

    That another Mailbox holds the address is told only to a person whose login proves the address.
    """
    try:
        proof = await ports.authorizers[case.spec.provider].prove(case, redeemed)
        ports.mailboxes.claimable(case.mailbox, proof.ownership)
    except Fault as fault:
        return fault
    return None


def _is_useless(trouble: Fault, redeemed: Redeemed, case: Case) -> bool:
    """Say whether a grant is not kept.

    One of another account than the address's own is kept only once the server let it send as the
    address: until then nothing connects the two but the spec, and nothing is bound to it.
    """
    return trouble.reason in USELESS or not is_own_account(redeemed, case.spec)


def find_mailbox(uid: str, ports: ConsentPorts) -> Mailbox:
    """Find the Mailbox of a link.

    Raises:
        Refused: It is gone, or was never there.
    """
    mailbox = ports.mailboxes.find(uid)
    if mailbox is None:
        raise Refused(Trouble.MAILBOX_GONE)
    return mailbox


def case_of(mailbox: Mailbox, ports: ConsentPorts) -> Case:
    """Gather what a connection of this Mailbox depends on.

    Raises:
        Refused: It is not connected by consent, or not at all.
        Fault: Its spec or its infrastructure stands in the way.
    """
    if isinstance(mailbox, UnreadableMailbox):
        raise mailbox.problem.to_keep()
    if not mailbox.takes_consent:
        raise Refused(Trouble.NO_CONSENT_NEEDED)
    if mailbox.suspended:
        raise Refused(Trouble.MAILBOX_SUSPENDED, mailbox.uid)
    return Case(mailbox, ports.mailboxes.infrastructure_for(mailbox), "")
