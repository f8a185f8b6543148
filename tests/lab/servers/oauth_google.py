"""Google's dialect: its grants, its answers, its words of refusal."""

import base64
import binascii
import json
import time
from typing import Final, NoReturn

from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from lab.servers.oauth_dialect import Books, Refusal, TokenRequest, redeem
from lab.servers.oauth_ledger import Grant
from lab.servers.oauth_screens import Dialect, allow, answered, asked
from lab.servers.oauth_script import Failure

MAIL: Final = "https://mail.google.com/"
EVERYTHING: Final = f"{MAIL} openid https://www.googleapis.com/auth/userinfo.email"
BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE: Final = "https://oauth2.googleapis.com/token"
NOT_DELEGATED: Final = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
    "for any of the scopes requested."
)
NOT_TIMELY: Final = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
SCREENS: Final = Dialect(
    provider="Google",
    granular=True,
    mandatory=frozenset({"openid", "email"}),
    allow="Allow",
    mismatch="Error 400: redirect_uri_mismatch",
)
HOUR: Final = 3600
SKEW: Final = 60


def google_failure(error: str, description: str, status: int = 400) -> Failure:
    """Write an error the way Google's token endpoint does."""
    return Failure(status, {"error": error, "error_description": description})


class Google:
    """Answers at /token, /revoke and the consent page."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def routes(self) -> list[web.RouteDef]:
        """List what is served besides the token endpoint."""
        return [
            web.get("/o/oauth2/v2/auth", self.authorize),
            web.post("/o/oauth2/v2/auth", self.answered),
            web.post("/revoke", self.revoke),
        ]

    async def authorize(self, request: web.Request) -> web.Response:
        """Ask the person, or consent at once on behalf of whoever is signed in."""
        shown = asked(self._books, request, SCREENS)
        if isinstance(shown, web.Response):
            return shown
        return allow(self._books, request.query, shown, self._scope(), {"authuser": "0"})

    async def answered(self, request: web.Request) -> web.Response:
        """Take the person's answer."""
        account, query, scope = await answered(self._books, request, SCREENS)
        granted = self._books.behaviour.granted_scopes
        named = scope.replace("email", "https://www.googleapis.com/auth/userinfo.email", 1)
        scope = named if granted is None else granted
        return allow(self._books, query, account, scope, {"scope": scope, "authuser": "0"})

    async def revoke(self, request: web.Request) -> web.Response:
        """End a consent, by any of its tokens."""
        if self._books.behaviour.revoke_fails:
            return web.json_response({"error": "internal_failure"}, status=503)
        token = str((await request.post()).get("token") or request.query.get("token", ""))
        if self._books.ledger.revoke(token, self._books.behaviour):
            return web.json_response({})
        body = {"error": "invalid_token", "error_description": "Token expired or revoked"}
        return web.json_response(body, status=400)

    def token(self, request: TokenRequest) -> dict[str, object]:
        """Answer a token request, or raise the refusal."""
        if request.kind == BEARER:
            return self._assertion(request.form.get("assertion", ""))
        self._check_client(request)
        grants = {"refresh_token": self._refreshed, "authorization_code": self._consented}
        answer = grants.get(request.kind)
        if answer is None:
            _refuse("unsupported_grant_type", f"Invalid grant_type: {request.kind}")
        return answer(request)

    def _check_client(self, request: TokenRequest) -> None:
        secret = self._books.behaviour.clients.get(request.client)
        if secret is None:
            _refuse("invalid_client", "The OAuth client was not found.", 401)
        if secret != request.secret:
            _refuse("invalid_client", "Unauthorized", 401)

    def _refreshed(self, request: TokenRequest) -> dict[str, object]:
        token = request.form.get("refresh_token", "")
        behaviour = self._books.behaviour
        account = self._books.ledger.refreshable(token, request.client, behaviour)
        if account is None:
            _refuse("invalid_grant", "Token has been expired or revoked.")
        grant = Grant(request.client, account, self._scope())
        return self._tokens(grant, refresh=bool(behaviour.rotate))

    def _consented(self, request: TokenRequest) -> dict[str, object]:
        code = redeem(self._books, request)
        if code is None:
            _refuse("invalid_grant", "Malformed auth code.")
        offline = code.query.get("access_type", "offline") == "offline"
        refresh = self._books.behaviour.offline and offline
        answer = self._tokens(code.grant, refresh=refresh, nonce=code.nonce)
        lasts = self._books.behaviour.refresh_token_expires_in
        return answer | ({"refresh_token_expires_in": lasts} if lasts else {})

    def _assertion(self, assertion: str) -> dict[str, object]:
        claims = self._verified(assertion)
        self._check_claims(claims)
        subject = str(claims.get("sub", claims["iss"]))
        if not self._books.behaviour.exists(subject):
            _refuse("invalid_grant", "Invalid email or User ID")
        grant = Grant(str(claims["iss"]), subject, str(claims["scope"]))
        answer = self._tokens(grant, refresh=False)
        return {key: answer[key] for key in ("access_token", "expires_in", "token_type")}

    def _verified(self, assertion: str) -> dict[str, object]:
        key = self._books.behaviour.service_accounts.get(_issuer(assertion))
        if key is None:
            _refuse("invalid_grant", "Invalid grant: account not found")
        try:
            return jwt.decode(assertion, RSAKey.import_key(key), algorithms=["RS256"]).claims
        except JoseError:
            _refuse("invalid_grant", "Invalid JWT Signature.")

    def _check_claims(self, claims: dict[str, object]) -> None:
        if claims.get("aud") not in {AUDIENCE, f"{self._books.url}/token"}:
            _refuse("invalid_grant", "Invalid JWT: Failed audience check.")
        issued, expires = (float(str(claims.get(name, 0))) for name in ("iat", "exp"))
        now = time.time()
        if not (expires - HOUR <= issued <= now + SKEW and now - SKEW < expires):
            _refuse("invalid_grant", NOT_TIMELY)
        if not claims.get("scope"):
            _refuse("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        if "sub" in claims and not self._books.behaviour.delegated:
            _refuse("unauthorized_client", NOT_DELEGATED, 401)

    def _tokens(
        self, grant: Grant, *, refresh: bool, nonce: str | None = None
    ) -> dict[str, object]:
        ledger, lifetime = self._books.ledger, self._books.behaviour.lifetime_seconds
        answer: dict[str, object] = {
            "access_token": ledger.issue_access("ya29.", grant, lifetime),
            "expires_in": lifetime,
            "scope": grant.scope,
            "token_type": "Bearer",
        }
        if refresh:
            answer["refresh_token"] = ledger.issue_refresh("1//", grant)
        if "openid" in grant.scope.split():
            claims = self._books.behaviour.claims(self._claims(grant, nonce))
            answer["id_token"] = ledger.sign(claims, forged=self._books.behaviour.forged)
        return answer

    def _claims(self, grant: Grant, nonce: str | None) -> dict[str, object]:
        identity = self._books.behaviour.identity(grant.account or "")
        now = int(time.time())
        return {
            "iss": "https://accounts.google.com",
            "azp": grant.client,
            "aud": grant.client,
            "sub": identity.sub,
            "email": identity.email,
            "email_verified": identity.email_verified,
            "iat": now,
            "exp": now + HOUR,
        } | ({"nonce": nonce} if nonce else {})

    def _scope(self) -> str:
        granted = self._books.behaviour.granted_scopes
        return EVERYTHING if granted is None else granted


def _issuer(assertion: str) -> str:
    """Read who claims to have signed; the claim is verified afterwards, by that one's key."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(assertion.split(".")[1] + "=="))
        return str(claims["iss"])
    except (IndexError, KeyError, ValueError, binascii.Error):
        return ""


def _refuse(error: str, description: str, status: int = 400) -> NoReturn:
    raise Refusal(google_failure(error, description, status))
