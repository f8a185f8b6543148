"""Microsoft's dialect: tenants, rotating refresh tokens, and errors that carry AADSTS numbers."""

import base64
import json
import time
import uuid
from datetime import UTC, datetime
from typing import Final, NoReturn

from aiohttp import web

from lab.servers.oauth_dialect import Books, Refusal, TokenRequest, redeem
from lab.servers.oauth_ledger import Grant
from lab.servers.oauth_screens import Dialect, allow, answered, asked
from lab.servers.oauth_script import CONTOSO, Failure

MAIL: Final = "https://outlook.office.com/SMTP.Send"
APP_ONLY: Final = "https://outlook.office365.com/.default"
OF_THE_PERSON: Final = frozenset({"openid", "profile", "email", "offline_access"})
EXPIRED: Final = (
    "The refresh token has expired due to inactivity. The token was issued on "
    "2026-01-01T00:00:00.0000000Z and was inactive for 90.00:00:00."
)
SHARED: Final = frozenset({"common", "organizations"})
SCREENS: Final = Dialect(
    provider="Microsoft",
    granular=False,
    mandatory=OF_THE_PERSON,
    allow="Accept",
    mismatch="AADSTS50011: The redirect URI specified in the request does not match.",
)
HOUR: Final = 3600


def microsoft_failure(
    number: int,
    text: str,
    error: str = "invalid_grant",
    status: int = 400,
    suberror: str | None = None,
) -> Failure:
    """Write an error the way Entra ID does.

    Args:
        number: The AADSTS number.
        text: The sentence after the number.
        error: The word of OAuth that Microsoft wants clients to go by.
        status: The HTTP status.
        suberror: Such as `consent_required`; left out if None.
    """
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    tail = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}"
    body: dict[str, object] = {
        "error": error,
        "error_description": f"AADSTS{number}: {text} {tail}",
        "error_codes": [number],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={number}",
    }
    return Failure(status, body | ({"suberror": suberror} if suberror else {}))


class Microsoft:
    """Answers below /{tenant}."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def routes(self) -> list[web.RouteDef]:
        """List what is served besides the token endpoint."""
        return [
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self.discover),
            web.get("/{tenant}/oauth2/v2.0/authorize", self.authorize),
            web.post("/{tenant}/oauth2/v2.0/authorize", self.answered),
        ]

    async def discover(self, request: web.Request) -> web.Response:
        """Describe the endpoints of a tenant."""
        tenant = request.match_info["tenant"]
        self._check_tenant(tenant)
        base = f"{self._books.url}/{tenant}"
        issuing = "{tenantid}" if tenant in SHARED else CONTOSO
        document = {
            "issuer": f"{self._books.url}/{issuing}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "jwks_uri": f"{self._books.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return web.json_response(document)

    async def authorize(self, request: web.Request) -> web.Response:
        """Ask the person, or consent at once on behalf of whoever is signed in."""
        shown = asked(self._books, request, SCREENS)
        if isinstance(shown, web.Response):
            return shown
        scope = self._scope(request.query.get("scope", ""))
        return allow(self._books, request.query, shown, scope, {"session_state": "1"})

    async def answered(self, request: web.Request) -> web.Response:
        """Take the person's answer."""
        account, query, scope = await answered(self._books, request, SCREENS)
        return allow(self._books, query, account, self._scope(scope), {"session_state": "1"})

    def token(self, request: TokenRequest) -> dict[str, object]:
        """Answer a token request, or raise the refusal."""
        self._check_tenant(request.tenant)
        self._check_client(request)
        grants = {
            "refresh_token": self._refreshed,
            "client_credentials": self._app_only,
            "authorization_code": self._consented,
        }
        answer = grants.get(request.kind)
        if answer is None:
            text = f"The app requested an unsupported grant type '{request.kind}'."
            _refuse(70003, text, "unsupported_grant_type")
        return answer(request)

    def _check_tenant(self, tenant: str) -> None:
        known = self._books.behaviour.tenants
        if known is not None and tenant not in known:
            _refuse(90002, f"Tenant '{tenant}' not found.", "invalid_tenant")

    def _check_client(self, request: TokenRequest) -> None:
        secret = self._books.behaviour.clients.get(request.client)
        if secret is None:
            text = f"Application with identifier '{request.client}' was not found in the directory."
            _refuse(700016, text, "unauthorized_client")
        if secret != request.secret:
            text = (
                "Invalid client secret provided. Ensure the secret being sent in the request is "
                f"the client secret value, not the client secret ID, for app '{request.client}'."
            )
            _refuse(7000215, text, "invalid_client", 401)

    def _refreshed(self, request: TokenRequest) -> dict[str, object]:
        token = request.form.get("refresh_token", "")
        behaviour = self._books.behaviour
        account = self._books.ledger.refreshable(token, request.client, behaviour)
        if account is None:
            _refuse(700082, EXPIRED)
        grant = Grant(request.client, account, self._scope(request.form.get("scope", "")))
        return self._tokens(request, grant, refresh=behaviour.rotate is not False)

    def _consented(self, request: TokenRequest) -> dict[str, object]:
        code = redeem(self._books, request)
        if code is None:
            _refuse(54005, "OAuth2 Authorization code was already redeemed, please retry.")
        asked_for = "offline_access" in code.grant.scope.split()
        refresh = self._books.behaviour.offline and asked_for
        return self._tokens(request, code.grant, refresh=refresh, nonce=code.nonce)

    def _app_only(self, request: TokenRequest) -> dict[str, object]:
        scope = request.form.get("scope", "")
        if not scope.endswith("/.default"):
            text = f"The provided value for scope {scope} is not valid."
            _refuse(1002012, text, "invalid_scope")
        answer = self._tokens(request, Grant(request.client, None, scope), refresh=False)
        del answer["scope"]
        return answer

    def _tokens(
        self, request: TokenRequest, grant: Grant, *, refresh: bool, nonce: str | None = None
    ) -> dict[str, object]:
        ledger, lifetime = self._books.ledger, self._books.behaviour.lifetime_seconds
        answer: dict[str, object] = {
            "token_type": "Bearer",
            "scope": " ".join(word for word in grant.scope.split() if word not in OF_THE_PERSON),
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": ledger.issue_access("EwB", grant, lifetime),
        }
        if refresh:
            answer["refresh_token"] = ledger.issue_refresh("0.A", grant)
        if "openid" in grant.scope.split():
            claims = self._books.behaviour.claims(self._claims(grant, nonce))
            answer["id_token"] = ledger.sign(claims, forged=self._books.behaviour.forged)
            answer["client_info"] = self._client_info(grant)
        return answer

    def _claims(self, grant: Grant, nonce: str | None) -> dict[str, object]:
        identity = self._books.behaviour.identity(grant.account or "")
        now = int(time.time())
        return {
            "iss": f"{self._books.url}/{identity.tid}/v2.0",
            "aud": grant.client,
            "sub": identity.sub,
            "tid": identity.tid,
            "oid": identity.oid,
            "email": identity.email,
            "preferred_username": identity.preferred_username,
            "iat": now,
            "nbf": now,
            "exp": now + HOUR,
            "ver": "2.0",
        } | ({"nonce": nonce} if nonce else {})

    def _client_info(self, grant: Grant) -> str:
        identity = self._books.behaviour.identity(grant.account or "")
        told = json.dumps({"uid": identity.oid, "utid": identity.tid}).encode()
        return base64.urlsafe_b64encode(told).rstrip(b"=").decode()

    def _scope(self, asked: str) -> str:
        """Grant what is asked for, but no more of the mail scopes than the script allows."""
        granted = self._books.behaviour.granted_scopes
        person = OF_THE_PERSON.intersection(asked.split())
        mail = [word for word in asked.split() if word not in OF_THE_PERSON] or [MAIL]
        return " ".join([*(mail if granted is None else granted.split()), *sorted(person)])


def _refuse(number: int, text: str, error: str = "invalid_grant", status: int = 400) -> NoReturn:
    raise Refusal(microsoft_failure(number, text, error, status))
