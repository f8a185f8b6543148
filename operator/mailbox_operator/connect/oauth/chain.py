"""The chain of refresh tokens: which one is the newest, and what is kept when another one comes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mailbox_operator.connect.ports import Grants
from mailbox_operator.decide.declared.secret import Secret, origin_of
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case


async def read_grant(case: Case, secret: Secret | None, grants: Grants) -> StoredGrant:
    """Find the newest refresh token of a mailbox.

    A token that the tenant put into its Secret begins a chain; what the provider returned in its
    place since is newer. A changed Secret begins a new chain.

    Args:
        case: The mailbox.
        secret: The tenant's own; None under Managed, where no token of the tenant's is taken.
        grants: What the operator keeps.

    Raises:
        Fault: `AwaitingConsent`: nobody granted access yet.
    """
    stored = await grants.read(case.mailbox.uid)
    own = secret.text("refresh-token", "") if secret else ""
    origin = origin_of(secret)
    if stored is not None and (not own or stored.origin == origin):
        return stored
    if own:
        return StoredGrant(own, origin, replaces=stored.refresh_token if stored else "")
    raise Fault(Reason.AWAITING_CONSENT)


async def keep_rotated(
    case: Case, used: StoredGrant, returned: Mapping[str, Any], grants: Grants
) -> None:
    """Keep the refresh token that came back, if it is another one (RFC 6749 section 6)."""
    token = str(returned.get("refresh_token") or used.refresh_token)
    if token != used.refresh_token:
        scope = str(returned.get("scope") or used.scope)
        await grants.rotate(case.mailbox, replace(used, refresh_token=token, scope=scope))


def same_identity(told: Any, used: StoredGrant) -> str:
    """Return whom a token is for: whom the id_token names, else who gave the consent.

    Raises:
        Fault: `IdentityMismatch`: these are two.
    """
    if told and used.identity and told != used.identity:
        raise Fault(Reason.IDENTITY_MISMATCH, "the id_token names another than who consented")
    return str(told or used.identity)
