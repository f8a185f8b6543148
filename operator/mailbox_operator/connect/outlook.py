"""Connects Outlook mailboxes: a refresh token, or an app that may send as the mailbox.

The only door of msal, which blocks and so runs in threads.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msal
import requests

from mailbox_operator.connect.bearer import (
    AccessToken,
    Bearers,
    Method,
    grant_for,
    keep_rotated,
)
from mailbox_operator.connect.clients import OAuthClient, client_for, retry_after
from mailbox_operator.connect.smtp import Target
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.grants import TokenError, fault_of_token_error
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.manifest import invalid
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Cloud, Grant
from mailbox_operator.ports import Case, Grants, Secrets, StoredGrant

SCOPE: Final = "SMTP.Send"
SHARED: Final = frozenset({"common", "organizations", "consumers"})


@dataclass(frozen=True, slots=True)
class OutlookEndpoints:
    """Where one of Microsoft's clouds is; the platform's configuration, never a tenant's.

    Attributes:
        authority: Base URL of the sign-in service, without the tenant.
        resource: Base URL of Exchange Online as the owner of the delegated scope.
        app_resource: The same for app-only access.
    """

    authority: str
    resource: str
    app_resource: str
    smtp: Endpoint


@dataclass(slots=True)
class Http:
    """The HTTP client that msal is given: bounded in time, trusting what the operator trusts.

    Attributes:
        status, retry_after_header: Of the last response; msal does not pass them on.
    """

    bundle: str
    timeout_seconds: float
    status: int = 0
    retry_after_header: str = ""
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.verify = self.bundle

    def get(self, url: str, **options: Any) -> requests.Response:
        """Send a GET request."""
        return self._sent(self.session.get, url, options)

    def post(self, url: str, **options: Any) -> requests.Response:
        """Send a POST request."""
        return self._sent(self.session.post, url, options)

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def _sent(
        self, send: Callable[..., requests.Response], url: str, options: dict[str, Any]
    ) -> requests.Response:
        bounded = {"timeout": self.timeout_seconds, "allow_redirects": False}
        response = send(url, **{**options, **bounded})
        self.status = response.status_code
        self.retry_after_header = response.headers.get("Retry-After", "")
        return response


@dataclass(frozen=True, slots=True)
class Outlook:
    """Gets tokens from Microsoft and proves logins with them."""

    clouds: Mapping[Cloud, OutlookEndpoints]
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
        endpoints = self.clouds[self._cloud(case)]
        target = Target(endpoints.smtp, self.trust.context(), trusted=True)
        if case.spec.grant is Grant.CLIENT_CREDENTIALS:
            method = Method(lambda: self._by_app(case, endpoints), (), app_only=True)
        else:
            method = Method(lambda: self._by_refresh_token(case), (SCOPE,))
        return await self.bearers.prove(case, target, method)

    async def refresh(
        self, client: OAuthClient, grant: StoredGrant, tenant: str, cloud: Cloud
    ) -> Mapping[str, Any]:
        """Exchange a refresh token for an access token (RFC 6749 section 6).

        Raises:
            Fault: Why Microsoft refuses, or is not reached.
        """
        endpoints = self.clouds[cloud]
        scopes = [f"{endpoints.resource}/{SCOPE}"]

        def ask(app: msal.ConfidentialClientApplication) -> dict[str, Any]:
            answer: dict[str, Any] = app.acquire_token_by_refresh_token(grant.refresh_token, scopes)
            return answer

        authority = f"{endpoints.authority}/{tenant}"
        return await self._ask(client, authority, ask, Grant.AUTHORIZATION_CODE)

    async def _by_refresh_token(self, case: Case) -> AccessToken:
        client, secret = await client_for(case, self.secrets)
        used = await grant_for(case, secret, self.grants)
        tenant = self._tenant(case) or (secret.text("tenant-id", "") if secret else "") or "common"
        returned = await self.refresh(client, used, tenant, self._cloud(case))
        await keep_rotated(case, used, returned, self.grants)
        return _access_token(returned, used.scope)

    async def _by_app(self, case: Case, endpoints: OutlookEndpoints) -> AccessToken:
        client, secret = await client_for(case, self.secrets)
        tenant = case.spec.tenant or (secret.text("tenant-id", "") if secret else "")
        if not tenant or tenant in SHARED:
            raise invalid(
                "spec.outlook.tenant", "ClientCredentials needs the organisation's tenant"
            )
        scopes = [f"{endpoints.app_resource}/.default"]

        def ask(app: msal.ConfidentialClientApplication) -> dict[str, Any]:
            answer: dict[str, Any] = app.acquire_token_for_client(scopes)
            return answer

        authority = f"{endpoints.authority}/{tenant}"
        return _access_token(await self._ask(client, authority, ask, Grant.CLIENT_CREDENTIALS), "")

    async def _ask(
        self,
        client: OAuthClient,
        authority: str,
        ask: Callable[[msal.ConfidentialClientApplication], dict[str, Any]],
        grant: Grant,
    ) -> Mapping[str, Any]:
        """Ask in a thread, with an application of its own.

        msal replays a refused request from an application's memory for a minute; tenants must
        neither wait for that nor share it.
        """
        http = Http(str(self.trust.bundle), self.timeout_seconds)

        def asked() -> dict[str, Any]:
            try:
                return ask(
                    msal.ConfidentialClientApplication(
                        client.id,
                        client_credential=client.secret,
                        authority=authority,
                        instance_discovery=False,
                        http_client=http,
                    )
                )
            finally:
                http.close()

        try:
            returned = await asyncio.to_thread(asked)
        except requests.RequestException as error:
            raise _unreached(error, http) from error
        except ValueError as error:
            code = "the tenant is not known there"
            raise Fault(
                Reason.OAUTH_APP_INVALID, type(error).__name__, facts={"code": code}
            ) from error
        if "error" in returned:
            raise fault_of_token_error(_refusal(returned, http), grant)
        return returned

    def _cloud(self, case: Case) -> Cloud:
        offer = case.infrastructure.spec if case.infrastructure else None
        return offer.outlook_cloud if offer else case.spec.cloud

    def _tenant(self, case: Case) -> str:
        offer = case.infrastructure.spec if case.infrastructure else None
        return case.spec.tenant or (offer.outlook_tenant if offer else "")


def _access_token(returned: Mapping[str, Any], known_scope: str) -> AccessToken:
    claims = returned.get("id_token_claims") or {}
    tenant, person = claims.get("tid"), claims.get("oid")
    try:
        token, lifetime = str(returned["access_token"]), float(returned.get("expires_in", 3600))
    except (KeyError, ValueError, TypeError) as error:
        facts = {"host": "the token endpoint", "code": "no token response"}
        raise Fault(Reason.PROVIDER_UNAVAILABLE, facts=facts) from error
    return AccessToken(
        token,
        lifetime,
        scope=str(returned.get("scope") or known_scope),
        # Never `email`: a foreign tenant's administrator sets that claim at will.
        account=str(claims.get("preferred_username", "")),
        identity=f"{tenant}/{person}" if tenant and person else "",
    )


def _unreached(error: requests.RequestException, http: Http) -> Fault:
    facts = {"host": "the token endpoint", "code": type(error).__name__}
    wait = retry_after(http.retry_after_header)
    return Fault(Reason.PROVIDER_UNAVAILABLE, type(error).__name__, facts=facts, retry_after=wait)


def _refusal(returned: Mapping[str, Any], http: Http) -> TokenError:
    return TokenError(
        error=str(returned.get("error", "")),
        description=str(returned.get("error_description", "")),
        suberror=str(returned.get("suberror", "")),
        status=http.status,
        retry_after=retry_after(http.retry_after_header),
    )
