"""What both providers' authorization requests have in common (RFC 6749 section 4.1, RFC 7636)."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

from mailbox_operator.connect.oauth.clients import OAuthClient
from mailbox_operator.connect.oauth.tokens import access_token
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Departure
from mailbox_operator.decide.machine.consent import Redeemed

MOST_LIFETIME_SECONDS: Final = 10**9


def departure(
    endpoint: str,
    client: OAuthClient,
    scope: str,
    request: AuthorizationRequest,
    more: Mapping[str, str],
) -> Departure:
    """Say where a browser is sent to; the provider's own parameters come on top."""
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": request.redirect_uri,
        "scope": scope,
        "state": request.state,
        "nonce": wire_nonce(request),
        "code_challenge": code_challenge(request.code_verifier),
        "code_challenge_method": "S256",
    }
    return Departure(f"{endpoint}?{urlencode({**asked, **more})}", client.id)


def code_challenge(verifier: str) -> str:
    """Digest a code verifier (RFC 7636 section 4.2)."""
    digest = sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def wire_nonce(request: AuthorizationRequest) -> str:
    """Digest the nonce that is kept here, so that who sees the one on its way cannot tell it.

    Source:
        OpenID Connect Core 1.0 section 15.5.2; the digest is the one that msal expects.
    """
    return sha256(request.nonce.encode()).hexdigest()


def redeemed(
    returned: Mapping[str, Any],
    client: OAuthClient,
    account: Any,
    identity: Any,
    login: str = "",
) -> Redeemed:
    """Read a successful response to a code.

    Args:
        returned: The response.
        client: Who asked.
        account: The address that its verified id_token vouches for.
        identity: The account's identifier there.
        login: Its user name; empty if it is the address.

    Raises:
        Fault: `ProviderUnavailable`: it is none.
    """
    lasts = returned.get("refresh_token_expires_in")
    return Redeemed(
        refresh_token=str(returned.get("refresh_token") or ""),
        access_token=access_token(returned).token,
        scope=str(returned.get("scope") or ""),
        account=str(account or ""),
        identity=str(identity or ""),
        client=client.id,
        login=login,
        lasts=timedelta(seconds=lasts)
        if isinstance(lasts, int) and 0 < lasts < MOST_LIFETIME_SECONDS
        else None,
    )
