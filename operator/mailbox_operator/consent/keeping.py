"""What becomes of a grant that came back: it is written down, given back, or left alone."""

import logging
from typing import Final

from mailbox_operator.consent.ports import ConsentPorts
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.secret import origin_of
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, digest
from mailbox_operator.decide.grants.precedence import Consent
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.texts.addresses import is_same_mailbox

CONSENT_NAME: Final = 16

log = logging.getLogger(__name__)


async def discard(
    mailbox: ReadableMailbox, redeemed: Redeemed, held: StoredGrant | None, ports: ConsentPorts
) -> None:
    """Give back a grant that is of no use, unless a mailbox lives by it, or a kept grant does.

    A provider ends all that an account granted to a client, not one token of it.
    """
    provider = mailbox.spec.provider
    connected = held is not None or mailbox.status.standing is Standing.CONNECTED
    own = connected and is_same_mailbox(redeemed.account, mailbox.spec.address)
    if own or ports.mailboxes.shares(provider, redeemed.account, mailbox.uid):
        return
    token = redeemed.refresh_token or redeemed.access_token
    try:
        if not await ports.keeps(provider, redeemed.account):
            await ports.authorizers[provider].revoke(token)
    except (Fault, Postponed) as trouble:
        log.warning("unused grant not revoked", extra={"detail": str(trouble)})


async def give_back(
    mailbox: ReadableMailbox, redeemed: Redeemed, consent: Consent, ports: ConsentPorts
) -> None:
    """Give back a grant that the cluster did not take; one that it may have taken is left alone."""
    try:
        held = await ports.grants.read(mailbox.uid)
    except Postponed:
        log.warning("grant neither kept nor revoked", extra={"uid": mailbox.uid})
        return
    if held is None or held.consent != consent.name:
        await discard(mailbox, redeemed, held, ports)


async def build_grant(
    case: Case, redeemed: Redeemed, consent: Consent, ports: ConsentPorts
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
        login=redeemed.login,
        account=redeemed.account,
        consent=consent.name,
        consented=consent.at,
    )


def consent_name(request: AuthorizationRequest) -> str:
    """Name a consent without telling its state."""
    return digest(request.state)[:CONSENT_NAME]
