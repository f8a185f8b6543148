"""Proves logins by access token, whoever issued it: cached, scopes compared, identity pinned."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from mailbox_operator.connect.smtp import Bearer, Smtp, Target
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.grants import missing_scopes
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.secret import Secret
from mailbox_operator.ports import Case, Grants, StoredGrant

EXPIRY_MARGIN_SECONDS: Final = 120
REFUSED: Final = frozenset(
    {Reason.GRANT_REVOKED, Reason.IDENTITY_MISMATCH, Reason.DELEGATION_NOT_GRANTED}
)
WRONG_USER_OR_SCOPE: Final = "400"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a token endpoint granted (RFC 6749 section 5.1).

    Attributes:
        scope: As the response tells; empty if it does not.
        account: The address it is for, by the evidence of the id_token; empty without evidence.
        identity: The account's stable identifier there; empty without evidence.
    """

    token: str = field(repr=False)
    lifetime_seconds: float
    scope: str = ""
    account: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """How one mailbox gets its tokens.

    Attributes:
        fetch: Asks the token endpoint.
        required: Scopes without which the login cannot work.
        app_only: The token stands for an app, not for a person who consented.
    """

    fetch: Callable[[], Awaitable[AccessToken]]
    required: Sequence[str]
    app_only: bool = False


@dataclass(slots=True)
class Bearers:
    """Proves logins by token, and keeps tokens in memory until shortly before they expire."""

    smtp: Smtp
    monotonic: Callable[[], float]
    refreshed: Callable[[Case], None]
    _kept: dict[str, tuple[str, float, AccessToken]] = field(default_factory=dict, repr=False)

    async def prove(self, case: Case, target: Target, method: Method) -> Proof:
        """Log in with a kept token; if that one is refused, once more with a fresh one.

        Raises:
            Fault: Why that is not possible.
        """
        token = self._find(case)
        if token is not None:
            try:
                return await self._login(case, target, method, token)
            except Fault as fault:
                if fault.reason not in REFUSED:
                    raise
                self._kept.pop(case.mailbox.uid)
        return await self._login(case, target, method, await self._fetch(case, method))

    async def _login(self, case: Case, target: Target, method: Method, token: AccessToken) -> Proof:
        address = case.spec.address
        credential = Bearer(address, token.token, method.app_only)
        try:
            await self.smtp.prove(target, credential, address)
        except Fault as fault:
            wrong = fault.facts.get("challenge") == WRONG_USER_OR_SCOPE and not method.app_only
            raise (_renamed(fault, Reason.IDENTITY_MISMATCH) if wrong else fault) from fault
        return Proof(target.endpoint, token.identity)

    async def _fetch(self, case: Case, method: Method) -> AccessToken:
        token = await method.fetch()
        self.refreshed(case)
        if lacking := missing_scopes(method.required, token.scope):
            raise Fault(Reason.CONSENT_INCOMPLETE, token.scope, facts={"missing": lacking})
        _pin(case, token)
        self._keep(case, token)
        return token

    def _find(self, case: Case) -> AccessToken | None:
        version, expires, token = self._kept.get(case.mailbox.uid, ("", 0.0, None))
        return token if version == case.version and self.monotonic() < expires else None

    def _keep(self, case: Case, token: AccessToken) -> None:
        now = self.monotonic()
        for uid in [uid for uid, (_, expires, _) in self._kept.items() if expires <= now]:
            del self._kept[uid]
        expires = now + token.lifetime_seconds - EXPIRY_MARGIN_SECONDS
        self._kept[case.mailbox.uid] = (case.version, expires, token)


def _renamed(fault: Fault, reason: Reason) -> Fault:
    return Fault(reason, fault.detail, facts=fault.facts)


def _pin(case: Case, token: AccessToken) -> None:
    """Refuse a token of another account than the Mailbox's, or than the one it had before."""
    bound = case.mailbox.status.granted_identity
    other_account = token.account and token.account.casefold() != case.spec.address.casefold()
    other_identity = bound and token.identity and bound != token.identity
    if other_account or other_identity:
        raise Fault(Reason.IDENTITY_MISMATCH, "the id_token names another account")


async def grant_for(case: Case, secret: Secret | None, grants: Grants) -> StoredGrant:
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
    origin = sha256(own.encode()).hexdigest() if own else ""
    if stored is not None and (not own or stored.origin == origin):
        return stored
    if own:
        return StoredGrant(own, origin)
    raise Fault(Reason.AWAITING_CONSENT)


async def keep_rotated(
    case: Case, used: StoredGrant, returned: Mapping[str, Any], grants: Grants
) -> None:
    """Keep the refresh token that came back, if it is another one (RFC 6749 section 6)."""
    token, scope = (
        returned.get("refresh_token") or used.refresh_token,
        str(returned.get("scope", "")),
    )
    if token != used.refresh_token:
        await grants.write(case.mailbox, StoredGrant(token, used.origin, scope or used.scope))


def claims_of(id_token: str | None, client_id: str) -> Mapping[str, Any]:
    """Read the claims of an id_token that came from the token endpoint itself.

    The TLS connection to that endpoint stands in for the signature (OpenID Connect Core 1.0,
    section 3.1.3.7, rule 6).

    Raises:
        Fault: `IdentityMismatch`: it is for another client, or no id_token at all.
    """
    if not id_token:
        return {}
    try:
        body = id_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        audience = claims["aud"]
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise Fault(Reason.IDENTITY_MISMATCH, "the id_token cannot be read") from error
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        raise Fault(Reason.IDENTITY_MISMATCH, "the id_token is for another client")
    return claims if isinstance(claims, dict) else {}
