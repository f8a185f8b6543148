"""Connects Google mailboxes: a refresh token, or a service account with domain-wide delegation.

The only door of authlib.
"""

import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncAssertionClient, AsyncOAuth2Client

from mailbox_operator.connect.bearer import (
    Bearers,
    Method,
    grant_for,
    keep_rotated,
    same_identity,
)
from mailbox_operator.connect.clients import OAuthClient, client_for
from mailbox_operator.connect.delegation import service_account
from mailbox_operator.connect.idtoken import Expected, IdTokens
from mailbox_operator.connect.requests import departure, redeemed, wire_nonce
from mailbox_operator.connect.smtp import Target
from mailbox_operator.connect.tokens import (
    AccessToken,
    access_token,
    claims_of,
    no_response,
    refusal,
)
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.consent import PERMISSIONS, REQUIRED, Redeemed
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Grant, Provider
from mailbox_operator.ports import (
    AuthorizationRequest,
    Case,
    Departure,
    Grants,
    Secrets,
    StoredGrant,
)

SCOPE: Final = REQUIRED[Provider.GOOGLE]
SCOPES: Final = " ".join(each.scopes for each in PERMISSIONS[Provider.GOOGLE])


@dataclass(frozen=True, slots=True)
class GoogleEndpoints:
    """Where Google is; the platform's configuration, never a tenant's."""

    issuer: str
    authorization: str
    token: str
    revocation: str
    jwks: str
    smtp: Endpoint


@dataclass(frozen=True, slots=True)
class Google:
    """Gets tokens from Google and proves logins with them."""

    endpoints: GoogleEndpoints
    trust: Trust
    bearers: Bearers
    secrets: Secrets
    grants: Grants
    id_tokens: IdTokens
    timeout_seconds: float = 15

    @property
    def _target(self) -> Target:
        return Target(self.endpoints.smtp, self.trust.context(), trusted=True)

    async def connect(self, case: Case) -> Proof:
        """Log in as the mailbox and have its sender accepted.

        Raises:
            Fault: Why that is not possible.
        """
        if case.spec.grant is Grant.JWT_BEARER:
            method = Method(lambda: self._by_service_account(case), (SCOPE,), app_only=True)
        else:
            method = Method(lambda: self._by_refresh_token(case), (SCOPE,))
        return await self.bearers.prove(case, self._target, method)

    async def departure(self, case: Case, request: AuthorizationRequest) -> Departure:
        """Say where the browser is to go.

        Raises:
            Fault: There is no usable OAuth client.
        """
        client, _ = await client_for(case, self.secrets)
        # Without consent asked for, a second one would bring no refresh token.
        prompt = "select_account consent" if request.choose_account else "consent"
        more = {"access_type": "offline", "prompt": prompt, "login_hint": case.spec.address}
        return departure(self.endpoints.authorization, client, SCOPES, request, more)

    async def redeem(self, case: Case, code: str, request: AuthorizationRequest) -> Redeemed:
        """Exchange a code for tokens (RFC 6749 section 4.1.3), and verify the id_token.

        Raises:
            Fault: Why that is not possible, or why the id_token cannot be trusted.
        """
        client, _ = await client_for(case, self.secrets)
        async with self._oauth(client, code, request.code_verifier) as oauth:
            returned = await _told(
                oauth.fetch_token(
                    self.endpoints.token,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=request.code_verifier,
                    redirect_uri=request.redirect_uri,
                )
            )
        issuer = self.endpoints.issuer
        expected = Expected(
            (issuer, issuer.removeprefix("https://")), client.id, wire_nonce(request)
        )
        claims = await self.id_tokens.verified(
            returned.get("id_token"), self.endpoints.jwks, lambda _: expected
        )
        is_vouched_for = claims.get("email_verified") in (True, "true")
        account = claims.get("email") if is_vouched_for else ""
        return redeemed(returned, client, account, claims.get("sub"))

    async def prove(self, case: Case, redeemed: Redeemed) -> Proof:
        """Log in as the mailbox with the new access token.

        Raises:
            Fault: Why that is not possible.
        """
        return await self.bearers.prove_new(case, self._target, redeemed)

    async def revoke(self, token: str) -> None:
        """End a grant (RFC 7009): all that its account ever granted to its client.

        Raises:
            Fault: Google is not reached.
        """
        try:
            async with httpx2.AsyncClient(**self._connection) as http:
                response = await http.post(self.endpoints.revocation, data={"token": token})
        except (httpx2.HTTPError, ssl.SSLError) as error:
            raise no_response(error, type(error).__name__) from error
        if response.is_server_error or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            wait = response.headers.get("Retry-After", "")
            raise refusal(None, response.status_code, wait, Grant.AUTHORIZATION_CODE)

    async def refresh(self, client: OAuthClient, grant: StoredGrant) -> Mapping[str, Any]:
        """Exchange a refresh token for an access token (RFC 6749 section 6).

        Raises:
            Fault: Why Google refuses, or is not reached.
        """
        token = grant.refresh_token
        async with self._oauth(client, token) as oauth:
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
        identity = same_identity(claims.get("sub"), used)
        return access_token(returned, scope, claims.get("email"), identity)

    async def _by_service_account(self, case: Case) -> AccessToken:
        secret = await self.secrets.read(case.mailbox.key.namespace, case.spec.secret or "")
        account = service_account(secret)
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

    def _oauth(self, client: OAuthClient, *secrets: str) -> Any:
        return AsyncOAuth2Client(
            client.id,
            client.secret,
            token_endpoint_auth_method="client_secret_post",
            **self._http(Grant.AUTHORIZATION_CODE, client.secret, *secrets),
        )

    @property
    def _connection(self) -> dict[str, Any]:
        return {
            "verify": self.trust.context(),
            "trust_env": False,
            "follow_redirects": False,
            "timeout": self.timeout_seconds,
        }

    def _http(self, grant: Grant, *secrets: str) -> dict[str, Any]:
        async def read_refusal(response: httpx2.Response) -> None:
            if not response.is_success:
                await response.aread()
                wait = response.headers.get("Retry-After", "")
                raise refusal(_json(response), response.status_code, wait, grant, secrets)

        return {**self._connection, "event_hooks": {"response": [read_refusal]}}


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
