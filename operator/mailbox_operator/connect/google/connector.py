"""Connects Google mailboxes: a refresh token, or a service account with domain-wide delegation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mailbox_operator.connect.google.delegation import ServiceAccounts
from mailbox_operator.connect.google.endpoints import GoogleApis
from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.oauth.bearer import TokenSource
from mailbox_operator.connect.oauth.chain import keep_rotated, read_grant, same_identity
from mailbox_operator.connect.oauth.clients import NO_GRANT, OAuthClient, read_client
from mailbox_operator.connect.oauth.code_flow import departure, redeemed, wire_nonce
from mailbox_operator.connect.oauth.idtoken import Expected
from mailbox_operator.connect.oauth.token_connector import TokenConnector
from mailbox_operator.connect.oauth.tokens import AccessToken, access_token, claims_of
from mailbox_operator.decide.declared.providers.access import App
from mailbox_operator.decide.declared.providers.google import OAUTH
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Departure
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.settings.providers import GoogleSection

SCOPE: Final = OAUTH.scope


@dataclass(frozen=True, slots=True)
class Google(TokenConnector):
    """Gets tokens from Google and proves logins with them."""

    endpoints: GoogleSection
    service_accounts: ServiceAccounts = field(default_factory=ServiceAccounts)
    elsewhere: MailThread = field(default_factory=lambda: MailThread("google"))

    @property
    def _apis(self) -> GoogleApis:
        return GoogleApis(self.endpoints, self.parts.https(self.elsewhere))

    def server(self, case: Case) -> Endpoint:  # noqa: ARG002 - one server for every mailbox
        """Name Google's mail server."""
        return self.endpoints.smtp.endpoint

    def source(self, case: Case) -> TokenSource:
        """Say how a mailbox gets its tokens: by a consent, or by a service account."""
        if case.spec.access.takes_consent:
            return TokenSource(lambda: self._by_refresh_token(case), (SCOPE,))
        return TokenSource(lambda: self._by_service_account(case), (SCOPE,), app_only=True)

    async def departure(self, case: Case, request: AuthorizationRequest) -> Departure:
        """Say where the browser is to go.

        Raises:
            Fault: There is no usable OAuth client.
        """
        client, _ = await read_client(case, self.parts.secrets)
        # Without consent asked for, a second one would bring no refresh token.
        prompt = "select_account consent" if request.choose_account else "consent"
        more = {"access_type": "offline", "prompt": prompt, "login_hint": case.spec.address}
        return departure(self.endpoints.authorization_endpoint, client, OAUTH.scopes, request, more)

    async def redeem(self, case: Case, code: str, request: AuthorizationRequest) -> Redeemed:
        """Exchange a code for tokens (RFC 6749 section 4.1.3), and verify the id_token.

        Raises:
            Fault: Why that is not possible, or why the id_token cannot be trusted.
        """
        client, _ = await read_client(case, self.parts.secrets)
        returned = await self._apis.by_code(client, code, request)
        issuer = self.endpoints.issuer
        expected = Expected(
            (issuer, issuer.removeprefix("https://")), client.id, wire_nonce(request)
        )
        claims = await self.parts.id_tokens.verify(
            returned.get("id_token"), self.endpoints.jwks_uri, lambda _: expected
        )
        is_vouched_for = claims.get("email_verified") in (True, "true")
        account = claims.get("email") if is_vouched_for else ""
        return redeemed(returned, client, account, claims.get("sub"))

    async def revoke(self, token: str) -> None:
        """End a grant (RFC 7009): all that its account ever granted to its client.

        Raises:
            Fault: Google is not reached.
        """
        await self._apis.revoke(token)

    async def refresh(self, client: OAuthClient, grant: StoredGrant) -> Mapping[str, Any]:
        """Exchange a refresh token for an access token (RFC 6749 section 6).

        Raises:
            Fault: Why Google refuses, or is not reached.
        """
        return await self._apis.by_refresh_token(client, grant.refresh_token)

    async def try_app(self, client: OAuthClient, app: App) -> None:  # noqa: ARG002 - all is said by the client
        """Ask for a token with a grant that is none, which proves the client.

        Raises:
            Fault: Why Google refuses, or is not reached.
        """
        await self.refresh(client, NO_GRANT)

    async def _by_refresh_token(self, case: Case) -> AccessToken:
        client, secret = await read_client(case, self.parts.secrets)
        used = await read_grant(case, secret, self.parts.grants)
        returned = await self.refresh(client, used)
        await keep_rotated(case, used, returned, self.parts.grants)
        claims = claims_of(returned.get("id_token"), client.id)
        if "email" in claims and claims.get("email_verified") not in (True, "true"):
            raise Fault(Reason.IDENTITY_MISMATCH, "the id_token's address is not verified")
        scope = str(returned.get("scope") or used.scope)
        identity = same_identity(claims.get("sub"), used)
        return access_token(returned, scope, claims.get("email"), identity)

    async def _by_service_account(self, case: Case) -> AccessToken:
        secret = await self.parts.secrets.read(case.mailbox.key.namespace, case.secret_name)
        account = await self.service_accounts.read(secret)
        return access_token(await self._apis.by_assertion(account, case.spec.address, SCOPE))
