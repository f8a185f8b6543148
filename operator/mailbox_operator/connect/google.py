"""Connects Google mailboxes: a refresh token, or a service account with domain-wide delegation.

The only door of authlib.
"""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncAssertionClient, AsyncOAuth2Client

from mailbox_operator.connect.bearer import (
    AccessToken,
    Bearers,
    Method,
    claims_of,
    grant_for,
    keep_rotated,
)
from mailbox_operator.connect.clients import OAuthClient, client_for, retry_after
from mailbox_operator.connect.smtp import Target
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.grants import TokenError, fault_of_token_error
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.secret import Secret, missing
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Grant
from mailbox_operator.ports import Case, Grants, Secrets, StoredGrant

SCOPE: Final = "https://mail.google.com/"


@dataclass(frozen=True, slots=True)
class GoogleEndpoints:
    """Where Google is; the platform's configuration, never a tenant's."""

    token: str
    smtp: Endpoint


@dataclass(frozen=True, slots=True)
class Google:
    """Gets tokens from Google and proves logins with them."""

    endpoints: GoogleEndpoints
    trust: Trust
    bearers: Bearers
    secrets: Secrets
    grants: Grants
    timeout_seconds: float = 15

    async def connect(self, case: Case) -> Proof:
        """Log in as the mailbox and have its sender accepted.

        Raises:
            Fault: Why that is not possible.
        """
        target = Target(self.endpoints.smtp, self.trust.context(), trusted=True)
        if case.spec.grant is Grant.JWT_BEARER:
            method = Method(lambda: self._by_service_account(case), (SCOPE,), app_only=True)
        else:
            method = Method(lambda: self._by_refresh_token(case), (SCOPE,))
        return await self.bearers.prove(case, target, method)

    async def refresh(self, client: OAuthClient, grant: StoredGrant) -> Mapping[str, Any]:
        """Exchange a refresh token for an access token (RFC 6749 section 6).

        Raises:
            Fault: Why Google refuses, or is not reached.
        """
        async with AsyncOAuth2Client(
            client.id,
            client.secret,
            token_endpoint_auth_method="client_secret_post",
            **self._http(Grant.AUTHORIZATION_CODE),
        ) as oauth:
            return await self._told(
                oauth.refresh_token(self.endpoints.token, refresh_token=grant.refresh_token)
            )

    async def _by_refresh_token(self, case: Case) -> AccessToken:
        client, secret = await client_for(case, self.secrets)
        used = await grant_for(case, secret, self.grants)
        returned = await self.refresh(client, used)
        await keep_rotated(case, used, returned, self.grants)
        return _access_token(returned, client.id, used.scope)

    async def _by_service_account(self, case: Case) -> AccessToken:
        name = case.spec.secret or ""
        account = _service_account(await self.secrets.read(case.mailbox.key.namespace, name))
        async with AsyncAssertionClient(
            self.endpoints.token,
            account["client_email"],
            case.spec.address,
            claims={"scope": SCOPE},
            key=account["private_key"],
            header={"alg": "RS256", "kid": account.get("private_key_id", "")},
            **self._http(Grant.JWT_BEARER),
        ) as oauth:
            try:
                pending = oauth.refresh_token()
            except ValueError as error:
                raise missing(name, "its private_key is no RSA key in PEM form") from error
            return _access_token(await self._told(pending), "", "")

    async def _told(self, pending: Any) -> Mapping[str, Any]:
        try:
            returned: Mapping[str, Any] = await pending
        except (httpx2.HTTPError, ssl.SSLError) as error:
            facts = {"host": "the token endpoint", "code": type(error).__name__}
            raise Fault(Reason.PROVIDER_UNAVAILABLE, type(error).__name__, facts=facts) from error
        except (AuthlibBaseError, ValueError) as error:
            facts = {"host": "the token endpoint", "code": "no token response"}
            raise Fault(Reason.PROVIDER_UNAVAILABLE, type(error).__name__, facts=facts) from error
        return returned

    def _http(self, grant: Grant) -> dict[str, Any]:
        async def read_refusal(response: httpx2.Response) -> None:
            if response.is_success:
                return
            await response.aread()
            raise fault_of_token_error(_refusal(response), grant)

        return {
            "verify": self.trust.context(),
            "trust_env": False,
            "follow_redirects": False,
            "timeout": self.timeout_seconds,
            "event_hooks": {"response": [read_refusal]},
        }


def _access_token(returned: Mapping[str, Any], client_id: str, known_scope: str) -> AccessToken:
    claims = claims_of(returned.get("id_token"), client_id)
    if claims and claims.get("email_verified") not in (True, "true"):
        raise Fault(Reason.IDENTITY_MISMATCH, "the id_token's address is not verified")
    try:
        token, lifetime = str(returned["access_token"]), float(returned.get("expires_in", 3600))
    except (KeyError, ValueError, TypeError) as error:
        facts = {"host": "the token endpoint", "code": "no token response"}
        raise Fault(Reason.PROVIDER_UNAVAILABLE, facts=facts) from error
    return AccessToken(
        token,
        lifetime,
        scope=str(returned.get("scope") or known_scope),
        account=str(claims.get("email", "")),
        identity=str(claims.get("sub", "")),
    )


def _service_account(secret: Secret) -> Mapping[str, str]:
    key = "service-account.json"
    try:
        account = json.loads(secret.text(key))
        wanted = {name: account[name] for name in ("client_email", "private_key")}
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{key} is no service account key (client_email, private_key)"
        raise missing(secret.name, problem) from error
    return {**wanted, "private_key_id": str(account.get("private_key_id", ""))}


def _refusal(response: httpx2.Response) -> TokenError:
    try:
        content = response.json()
    except ValueError:
        content = {}
    found = content if isinstance(content, dict) else {}
    return TokenError(
        error=str(found.get("error", "")),
        description=str(found.get("error_description", "")),
        suberror=str(found.get("error_subtype", "")),
        status=response.status_code,
        retry_after=retry_after(response.headers.get("Retry-After", "")),
    )
