"""Connects Outlook mailboxes: a refresh token, or an app that may send as the mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.name_service import PLATFORM
from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.connect.oauth.bearer import TokenSource
from mailbox_operator.connect.oauth.chain import keep_rotated, read_grant, same_identity
from mailbox_operator.connect.oauth.clients import NO_GRANT, OAuthClient, read_client
from mailbox_operator.connect.oauth.code_flow import departure, redeemed, wire_nonce
from mailbox_operator.connect.oauth.idtoken import Expected, untrusted
from mailbox_operator.connect.oauth.token_connector import TokenConnector
from mailbox_operator.connect.oauth.tokens import AccessToken, access_token, claims_of
from mailbox_operator.connect.outlook.account import (
    account_in,
    cloud_of,
    identity_in,
    login_in,
    tenant_of,
)
from mailbox_operator.connect.outlook.endpoints import Microsoft
from mailbox_operator.decide.declared.fields import invalid
from mailbox_operator.decide.declared.providers.access import App
from mailbox_operator.decide.declared.providers.outlook import (
    OAUTH,
    SHARED_TENANTS,
    OutlookApp,
)
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Departure
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Cloud
from mailbox_operator.settings.providers import OutlookCloud

SCOPE: Final = OAUTH.scope
TENANT_PLACEHOLDER: Final = "{tenantid}"
"""What the issuer of a shared tenant has in its discovery document, in place of the person's own."""

MOST_THREADS: Final = 32


@dataclass(frozen=True, slots=True)
class Outlook(TokenConnector):
    """Gets tokens from Microsoft and proves logins with them."""

    clouds: Mapping[Cloud, OutlookCloud]
    threads: Threads = field(default_factory=lambda: Threads("msal", MOST_THREADS))
    elsewhere: MailThread = field(default_factory=lambda: MailThread("outlook"))

    def server(self, case: Case) -> Endpoint:
        """Name the mail server of the mailbox's cloud."""
        return self.clouds[cloud_of(case)].smtp.endpoint

    def source(self, case: Case) -> TokenSource:
        """Say how a mailbox gets its tokens: by a consent, or by the tenant's own app."""
        if case.spec.access.takes_consent:
            return TokenSource(lambda: self._by_refresh_token(case), (SCOPE,))
        return TokenSource(lambda: self._by_app(case), (), app_only=True)

    async def departure(self, case: Case, request: AuthorizationRequest) -> Departure:
        """Say where the browser is to go.

        Raises:
            Fault: There is no usable OAuth client.
        """
        client, secret = await read_client(case, self.parts.secrets)
        cloud, tenant = self.clouds[cloud_of(case)], tenant_of(case, secret) or "common"
        page = cloud.sign_in_page or cloud.authority
        endpoint = f"{page}/{quote(tenant, safe='')}/oauth2/v2.0/authorize"
        choice = {"prompt": "select_account"} if request.choose_account else {}
        more = {"response_mode": "query", "login_hint": case.spec.account, **choice}
        return departure(endpoint, client, " ".join(self._asked(case)), request, more)

    async def redeem(self, case: Case, code: str, request: AuthorizationRequest) -> Redeemed:
        """Exchange a code for tokens (RFC 6749 section 4.1.3), and verify the id_token.

        Raises:
            Fault: Why that is not possible, or why the id_token cannot be trusted.
        """
        client, secret = await read_client(case, self.parts.secrets)
        tenant = tenant_of(case, secret) or "common"
        microsoft = self._microsoft(tenant, cloud_of(case), case.mailbox.key.namespace)
        returned = await microsoft.by_code(client, code, request, self._asked(case))
        document = await microsoft.discover()
        issuer, keys = str(document.get("issuer")), str(document.get("jwks_uri"))
        if not keys.startswith("https://"):
            raise untrusted("keys")

        def expected(claims: Mapping[str, Any]) -> Expected:
            own = issuer.replace(TENANT_PLACEHOLDER, str(claims.get("tid") or ""))
            return Expected((own,), client.id, wire_nonce(request))

        claims = await self.parts.id_tokens.verify(returned.get("id_token"), keys, expected)
        account, login = account_in(claims, case, tenant), login_in(claims)
        return redeemed(returned, client, account, identity_in(claims), login)

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
        client, secret = await read_client(case, self.parts.secrets)
        used = await read_grant(case, secret, self.parts.grants)
        tenant = tenant_of(case, secret) or "common"
        namespace = case.mailbox.key.namespace
        returned = await self.refresh(client, used, tenant, cloud_of(case), namespace)
        await keep_rotated(case, used, returned, self.parts.grants)
        claims = claims_of(returned.get("id_token"), client.id)
        identity = same_identity(identity_in(claims), used)
        # Who consented was held against the address then, by claims that a refresh need not bring.
        known = identity and identity == used.identity
        account = used.account if known else account_in(claims, case, tenant)
        login = login_in(claims) or used.login
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
        client, secret = await read_client(case, self.parts.secrets)
        tenant, cloud = tenant_of(case, secret), cloud_of(case)
        if not tenant or tenant.lower() in SHARED_TENANTS:
            problem = "ClientCredentials needs the organisation's tenant"
            raise invalid("spec.outlook.tenant", problem)
        scope = f"{self.clouds[cloud].app_resource}/.default"
        microsoft = self._microsoft(tenant, cloud, case.mailbox.key.namespace)
        return access_token(await microsoft.by_app(client, scope))

    def _asked(self, case: Case) -> list[str]:
        resource = self.clouds[cloud_of(case)].resource
        return [f"{resource}/{SCOPE}" if each == SCOPE else each for each in OAUTH.scopes.split()]

    def _microsoft(self, tenant: str, cloud: Cloud, namespace: str) -> Microsoft:
        authority = f"{self.clouds[cloud].authority}/{quote(tenant, safe='')}"
        return Microsoft(authority, self.parts.https(self.elsewhere), self.threads, namespace)
