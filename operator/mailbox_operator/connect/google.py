"""Connects Google mailboxes: a refresh token, or a service account with domain-wide delegation.

The only door of authlib.
"""

import json
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncAssertionClient, AsyncOAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from mailbox_operator.connect.bearer import Bearers, Method, grant_for, keep_rotated
from mailbox_operator.connect.clients import OAuthClient, client_for
from mailbox_operator.connect.smtp import Target
from mailbox_operator.connect.tokens import (
    AccessToken,
    access_token,
    claims_of,
    no_response,
    refusal,
)
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.secret import Secret, missing
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Grant
from mailbox_operator.ports import Case, Grants, Secrets, StoredGrant

SCOPE: Final = "https://mail.google.com/"
KEY_FILE: Final = "service-account.json"


@dataclass(frozen=True, slots=True)
class GoogleEndpoints:
    """Where Google is; the platform's configuration, never a tenant's."""

    token: str
    smtp: Endpoint


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account and the key it signs with."""

    email: str
    key: RSAKey = field(repr=False)


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
        token = grant.refresh_token
        async with AsyncOAuth2Client(
            client.id,
            client.secret,
            token_endpoint_auth_method="client_secret_post",
            **self._http(Grant.AUTHORIZATION_CODE, client.secret, token),
        ) as oauth:
            return await _told(oauth.refresh_token(self.endpoints.token, refresh_token=token))

    async def _by_refresh_token(self, case: Case) -> AccessToken:
        client, secret = await client_for(case, self.secrets)
        used = await grant_for(case, secret, self.grants)
        returned = await self.refresh(client, used)
        await keep_rotated(case, used, returned, self.grants)
        claims = claims_of(returned.get("id_token"), client.id)
        if "email" in claims and claims.get("email_verified") not in (True, "true"):
            raise Fault(Reason.IDENTITY_MISMATCH, "the id_token's address is not verified")
        scope = str(returned.get("scope") or used.scope)
        return access_token(returned, scope, claims.get("email"), claims.get("sub"))

    async def _by_service_account(self, case: Case) -> AccessToken:
        secret = await self.secrets.read(case.mailbox.key.namespace, case.spec.secret or "")
        account = _service_account(secret)
        async with AsyncAssertionClient(
            self.endpoints.token,
            account.email,
            case.spec.address,
            claims={"scope": SCOPE},
            key=account.key,
            alg="RS256",
            **self._http(Grant.JWT_BEARER),
        ) as oauth:
            return access_token(await _told(oauth.refresh_token()))

    def _http(self, grant: Grant, *secrets: str) -> dict[str, Any]:
        async def read_refusal(response: httpx2.Response) -> None:
            if not response.is_success:
                await response.aread()
                wait = response.headers.get("Retry-After", "")
                raise refusal(_json(response), response.status_code, wait, grant, secrets)

        return {
            "verify": self.trust.context(),
            "trust_env": False,
            "follow_redirects": False,
            "timeout": self.timeout_seconds,
            "event_hooks": {"response": [read_refusal]},
        }


async def _told(pending: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return await pending
    except (httpx2.HTTPError, ssl.SSLError) as error:
        raise no_response(error, type(error).__name__) from error
    except (AuthlibBaseError, ValueError) as error:
        raise no_response(error) from error


def _json(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _service_account(secret: Secret) -> ServiceAccount:
    try:
        account = json.loads(secret.text(KEY_FILE))
        email, key = str(account["client_email"]), str(account["private_key"])
    except (ValueError, KeyError, TypeError):
        problem = f"{KEY_FILE} is no service account key (client_email, private_key)"
        raise missing(secret.name, problem) from None
    return ServiceAccount(email, _signing_key(key, secret.name))


def _signing_key(pem: str, name: str) -> RSAKey:
    problem = f"the private_key of {KEY_FILE} is no RSA private key in PEM form"
    try:
        key = RSAKey.import_key(pem)
    except (JoseError, ValueError, TypeError):
        raise missing(name, problem) from None
    if not key.is_private:
        raise missing(name, problem)
    return key
