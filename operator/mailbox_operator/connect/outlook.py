"""Connects Outlook mailboxes: a refresh token, or an app that may send as the mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from mailbox_operator.connect.bearer import Bearers, Method, grant_for, keep_rotated
from mailbox_operator.connect.clients import OAuthClient, client_for
from mailbox_operator.connect.microsoft import Microsoft
from mailbox_operator.connect.smtp import Target
from mailbox_operator.connect.tokens import AccessToken, access_token, claims_of
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.manifest import invalid
from mailbox_operator.decide.secret import Secret
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
        target = Target(self.clouds[_cloud(case)].smtp, self.trust.context(), trusted=True)
        if case.spec.grant is Grant.CLIENT_CREDENTIALS:
            method = Method(lambda: self._by_app(case), (), app_only=True)
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
        scope = f"{self.clouds[cloud].resource}/{SCOPE}"
        asked = self._microsoft(tenant, cloud)
        return await asked.by_refresh_token(client, grant.refresh_token, scope)

    async def _by_refresh_token(self, case: Case) -> AccessToken:
        client, secret = await client_for(case, self.secrets)
        used = await grant_for(case, secret, self.grants)
        tenant = _tenant(case, secret) or "common"
        returned = await self.refresh(client, used, tenant, _cloud(case))
        await keep_rotated(case, used, returned, self.grants)
        claims = claims_of(returned.get("id_token"), client.id)
        directory, person = claims.get("tid"), claims.get("oid")
        return access_token(
            returned,
            str(returned.get("scope") or used.scope),
            # Never `email`: a foreign tenant's administrator sets that claim at will.
            claims.get("preferred_username"),
            f"{directory}/{person}" if directory and person else "",
        )

    async def _by_app(self, case: Case) -> AccessToken:
        client, secret = await client_for(case, self.secrets)
        tenant, cloud = _tenant(case, secret), _cloud(case)
        if not tenant or tenant.lower() in SHARED:
            problem = "ClientCredentials needs the organisation's tenant"
            raise invalid("spec.outlook.tenant", problem)
        scope = f"{self.clouds[cloud].app_resource}/.default"
        return access_token(await self._microsoft(tenant, cloud).by_app(client, scope))

    def _microsoft(self, tenant: str, cloud: Cloud) -> Microsoft:
        authority = f"{self.clouds[cloud].authority}/{quote(tenant, safe='')}"
        return Microsoft(authority, str(self.trust.bundle), self.timeout_seconds)


def _cloud(case: Case) -> Cloud:
    offer = case.infrastructure.spec if case.infrastructure else None
    return offer.outlook_cloud if offer else case.spec.cloud


def _tenant(case: Case, secret: Secret | None) -> str:
    """Name the tenant: the Mailbox's word, else the platform's, else that of the tenant's Secret."""
    offer = case.infrastructure.spec if case.infrastructure else None
    own = secret.text("tenant-id", "") if secret else ""
    return case.spec.tenant or (offer.outlook_tenant if offer else own)
