"""Connects Outlook mailboxes: a refresh token, or an app that may send as the mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.name_service import PLATFORM
from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.bearer import (
    Bearers,
    TokenSource,
    keep_rotated,
    read_grant,
    same_identity,
)
from mailbox_operator.connect.oauth.clients import NO_GRANT, OAuthClient, read_client
from mailbox_operator.connect.oauth.code_flow import departure, redeemed, wire_nonce
from mailbox_operator.connect.oauth.https import Https
from mailbox_operator.connect.oauth.idtoken import Expected, IdTokens, untrusted
from mailbox_operator.connect.oauth.proxies import NO_PROXIES, Proxies
from mailbox_operator.connect.oauth.tokens import AccessToken, access_token, claims_of
from mailbox_operator.connect.outlook.endpoints import Microsoft
from mailbox_operator.connect.ports import Grants, Secrets
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.declared.fields import invalid
from mailbox_operator.decide.declared.providers.access import App
from mailbox_operator.decide.declared.providers.outlook import (
    OAUTH,
    SHARED_TENANTS,
    OutlookAccess,
    OutlookApp,
)
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Departure
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Cloud, Provider

SCOPE: Final = OAUTH.scope
TENANT_PLACEHOLDER: Final = "{tenantid}"
"""What the issuer of a shared tenant has in its discovery document, in place of the person's own."""

MOST_THREADS: Final = 32


@dataclass(frozen=True, slots=True)
class OutlookEndpoints:
    """Where one of Microsoft's clouds is; the platform's configuration, never a tenant's.

    Attributes:
        authority: Base URL of the sign-in service, without the tenant.
        sign_in_page: The same for browsers.
        resource: Base URL of Exchange Online as the owner of the delegated scope.
        app_resource: The same for app-only access.
    """

    authority: str
    sign_in_page: str
    resource: str
    app_resource: str
    smtp: Endpoint


@dataclass(frozen=True, slots=True)
class Outlook:
    """Gets tokens from Microsoft and proves logins with them."""

    clouds: Mapping[Cloud, OutlookEndpoints]
    trust: Trust
    bearers: Bearers
    secrets: Secrets
    grants: Grants
    id_tokens: IdTokens
    timeout_seconds: float = 15
    threads: Threads = field(default_factory=lambda: Threads("msal", MOST_THREADS))
    elsewhere: MailThread = field(default_factory=lambda: MailThread("outlook"))
    proxies: Proxies = NO_PROXIES

    async def connect(self, case: Case) -> Proof:
        """Log in as the mailbox and have its sender accepted.

        Raises:
            Fault: Why that is not possible.
        """
        if case.spec.access.takes_consent:
            source = TokenSource(lambda: self._by_refresh_token(case), (SCOPE,))
        else:
            source = TokenSource(lambda: self._by_app(case), (), app_only=True)
        return await self.bearers.prove(case, self._target(case), source)

    async def departure(self, case: Case, request: AuthorizationRequest) -> Departure:
        """Say where the browser is to go.

        Raises:
            Fault: There is no usable OAuth client.
        """
        client, secret = await read_client(case, self.secrets)
        page = self.clouds[_cloud(case)].sign_in_page
        endpoint = (
            f"{page}/{quote(_tenant(case, secret) or 'common', safe='')}/oauth2/v2.0/authorize"
        )
        choice = {"prompt": "select_account"} if request.choose_account else {}
        more = {"response_mode": "query", "login_hint": case.spec.account, **choice}
        return departure(endpoint, client, " ".join(self._asked(case)), request, more)

    async def redeem(self, case: Case, code: str, request: AuthorizationRequest) -> Redeemed:
        """Exchange a code for tokens (RFC 6749 section 4.1.3), and verify the id_token.

        Raises:
            Fault: Why that is not possible, or why the id_token cannot be trusted.
        """
        client, secret = await read_client(case, self.secrets)
        tenant = _tenant(case, secret) or "common"
        microsoft = self._microsoft(tenant, _cloud(case), case.mailbox.key.namespace)
        returned = await microsoft.by_code(client, code, request, self._asked(case))
        document = await microsoft.discover()
        issuer, keys = str(document.get("issuer")), str(document.get("jwks_uri"))
        if not keys.startswith("https://"):
            raise untrusted("keys")

        def expected(claims: Mapping[str, Any]) -> Expected:
            own = issuer.replace(TENANT_PLACEHOLDER, str(claims.get("tid") or ""))
            return Expected((own,), client.id, wire_nonce(request))

        claims = await self.id_tokens.verify(returned.get("id_token"), keys, expected)
        account, login = _account(claims, case, tenant), _login(claims)
        return redeemed(returned, client, account, _identity(claims), login)

    async def prove(self, case: Case, redeemed: Redeemed) -> Proof:
        """Log in as the mailbox with the new access token.

        Raises:
            Fault: Why that is not possible.
        """
        return await self.bearers.prove_new(case, self._target(case), redeemed)

    async def revoke(self, token: str) -> None:
        """Do nothing: Microsoft ends all grants of an account or none, and takes no token for it."""

    async def refresh(
        self,
        client: OAuthClient,
        grant: StoredGrant,
        tenant: str,
        cloud: Cloud,
        namespace: str = PLATFORM,
    ) -> Mapping[str, Any]:
        """Exchange a refresh token for an access token (RFC 6749 section 6).

        Args:
            client: Who asks.
            grant: What it was granted.
            tenant: Microsoft's name of the organisation.
            cloud: Where its accounts are.
            namespace: On whose behalf.

        Raises:
            Fault: Why Microsoft refuses, or is not reached.
        """
        scope = f"{self.clouds[cloud].resource}/{SCOPE}"
        asked = self._microsoft(tenant, cloud, namespace)
        return await asked.by_refresh_token(client, grant.refresh_token, scope)

    async def try_app(self, client: OAuthClient, app: App) -> None:
        """Ask for a token with a grant that is none, which proves the client.

        Raises:
            Fault: Why Microsoft refuses, or is not reached.
        """
        assert isinstance(app, OutlookApp)
        await self.refresh(client, NO_GRANT, app.tenant, app.cloud)

    async def _by_refresh_token(self, case: Case) -> AccessToken:
        client, secret = await read_client(case, self.secrets)
        used = await read_grant(case, secret, self.grants)
        tenant = _tenant(case, secret) or "common"
        namespace = case.mailbox.key.namespace
        returned = await self.refresh(client, used, tenant, _cloud(case), namespace)
        await keep_rotated(case, used, returned, self.grants)
        claims = claims_of(returned.get("id_token"), client.id)
        identity = same_identity(_identity(claims), used)
        # Who consented was held against the address then, by claims that a refresh need not bring.
        known = identity and identity == used.identity
        account = used.account if known else _account(claims, case, tenant)
        login = _login(claims) or used.login
        if case.spec.access.user_name is None and not (used.identity or case.spec.managed):
            account = ""  # whom the owner's own token is for is the owner's choice
        elif (
            case.spec.access.user_name
            and login
            and login.casefold() != case.spec.account.casefold()
        ):
            raise Fault(Reason.IDENTITY_MISMATCH, "the id_token names another user name")
        scope = str(returned.get("scope") or used.scope)
        return access_token(returned, scope, account, identity, login or case.spec.account)

    async def _by_app(self, case: Case) -> AccessToken:
        client, secret = await read_client(case, self.secrets)
        tenant, cloud = _tenant(case, secret), _cloud(case)
        if not tenant or tenant.lower() in SHARED_TENANTS:
            problem = "ClientCredentials needs the organisation's tenant"
            raise invalid("spec.outlook.tenant", problem)
        scope = f"{self.clouds[cloud].app_resource}/.default"
        microsoft = self._microsoft(tenant, cloud, case.mailbox.key.namespace)
        return access_token(await microsoft.by_app(client, scope))

    def _asked(self, case: Case) -> list[str]:
        resource = self.clouds[_cloud(case)].resource
        return [f"{resource}/{SCOPE}" if each == SCOPE else each for each in OAUTH.scopes.split()]

    def _target(self, case: Case) -> Target:
        namespace = case.mailbox.key.namespace
        return Target(self.clouds[_cloud(case)].smtp, self.trust.context(), namespace, trusted=True)

    def _microsoft(self, tenant: str, cloud: Cloud, namespace: str) -> Microsoft:
        authority = f"{self.clouds[cloud].authority}/{quote(tenant, safe='')}"
        https = Https(self.trust, self.timeout_seconds, self.elsewhere, self.proxies)
        return Microsoft(authority, https, self.threads, namespace)


def _access(case: Case) -> OutlookAccess:
    assert isinstance(case.spec.access, OutlookAccess)
    return case.spec.access


def _offered(case: Case) -> OutlookApp | None:
    app = case.offer.apps.get(Provider.OUTLOOK) if case.offer else None
    assert app is None or isinstance(app, OutlookApp)
    return app


def _cloud(case: Case) -> Cloud:
    app = _offered(case)
    return app.cloud if app else _access(case).cloud


def _tenant(case: Case, secret: Secret | None) -> str:
    """Name the tenant: the Mailbox's word, else the platform's, else that of the tenant's Secret."""
    app, own = _offered(case), secret.text("tenant-id", "") if secret else ""
    return _access(case).tenant or (app.tenant if app else own)


def _identity(claims: Mapping[str, Any]) -> str:
    directory, person = claims.get("tid"), claims.get("oid")
    return f"{directory}/{person}" if directory and person else ""


def _login(claims: Mapping[str, Any]) -> str:
    """Return the user name (UPN), which Exchange Online wants in XOAUTH2 whatever the address."""
    return str(claims.get("preferred_username") or claims.get("upn") or "")


def _account(claims: Mapping[str, Any], case: Case, tenant: str) -> str:
    """Return the address that Microsoft vouches for: the user name, or the mail address.

    The `email` claim counts only where a single tenant signs in: a foreign one's administrator sets
    it at will.
    """
    email = str(claims.get("email") or "")
    is_own = (
        tenant.lower() not in SHARED_TENANTS and email.casefold() == case.spec.address.casefold()
    )
    return email if is_own else _login(claims)
