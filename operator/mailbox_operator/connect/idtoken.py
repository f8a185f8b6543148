"""Verifies id_tokens (OpenID Connect Core 1.0 section 3.1.3.7): who signed, for whom, when, for what.

The only door of joserfc beside the keys of service accounts.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx2
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from mailbox_operator.connect.tokens import no_response
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason

ALGORITHMS: Final = ("RS256",)
LEEWAY_SECONDS: Final = 300
KEPT_SECONDS: Final = 3600
FETCHED_AGAIN_AFTER_SECONDS: Final = 60
MOST_BYTES: Final = 1_000_000
HOST: Final = "the identity token"
CLOCKS: Final = frozenset({"exp", "iat", "nbf"})


@dataclass(frozen=True, slots=True)
class Expected:
    """What an id_token has to say of itself.

    Attributes:
        issuers: Any of these signed it.
        audience: The client that asked.
        nonce: What the browser was sent out with.
    """

    issuers: tuple[str, ...]
    audience: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Keys as they were fetched, at a time of the monotonic clock."""

    keys: KeySet
    at: float


@dataclass(frozen=True, slots=True)
class IdTokens:
    """Verifies id_tokens with the public keys of their issuers, which are kept for an hour.

    Attributes:
        now: Tells the time of day.
    """

    trust: Trust
    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    timeout_seconds: float = 10
    _kept: dict[str, Kept] = field(default_factory=dict, repr=False)

    async def verified(
        self, id_token: Any, jwks_uri: str, expected: Callable[[Mapping[str, Any]], Expected]
    ) -> Mapping[str, Any]:
        """Return the claims of an id_token.

        Args:
            id_token: As the token endpoint sent it.
            jwks_uri: Where the issuer's keys are.
            expected: Says what is expected of signed claims; an issuer may depend on their tenant.

        Raises:
            Fault: It cannot be trusted, the clocks differ, or the keys cannot be had.
        """
        if not id_token or not isinstance(id_token, str):
            raise untrusted("none came")
        claims = await self._signed(id_token, jwks_uri)
        _check(claims, expected(claims), int(self.now().timestamp()))
        return claims

    async def _signed(self, id_token: str, jwks_uri: str) -> Mapping[str, Any]:
        """Verify the signature, with fresh keys if it is by one that is not known yet."""
        try:
            return _decoded(id_token, await self._keys(jwks_uri, KEPT_SECONDS))
        except InvalidKeyIdError:
            try:
                return _decoded(id_token, await self._keys(jwks_uri, FETCHED_AGAIN_AFTER_SECONDS))
            except InvalidKeyIdError as error:
                raise untrusted("signature") from error

    async def _keys(self, jwks_uri: str, kept_seconds: float) -> KeySet:
        kept, now = self._kept.get(jwks_uri), self.monotonic()
        if kept is None or now - kept.at > kept_seconds:
            kept = self._kept[jwks_uri] = Kept(await self._fetch(jwks_uri), now)
        return kept.keys

    async def _fetch(self, jwks_uri: str) -> KeySet:
        try:
            async with httpx2.AsyncClient(
                verify=self.trust.context(),
                trust_env=False,
                follow_redirects=False,
                timeout=self.timeout_seconds,
            ) as http:
                response = await http.get(jwks_uri)
            return _imported(response)
        except (httpx2.HTTPError, ssl.SSLError) as error:
            raise no_response(error, type(error).__name__) from error
        except (JoseError, ValueError, LookupError, TypeError) as error:
            raise no_response(error, "no keys to verify id_tokens with") from error


def untrusted(check: str) -> Fault:
    """Say that an id_token proves nothing."""
    facts = {"code": f"id_token: {check}"}
    return Fault(Reason.IDENTITY_MISMATCH, f"the id_token cannot be trusted: {check}", facts=facts)


def _imported(response: httpx2.Response) -> KeySet:
    if not response.is_success or len(response.content) > MOST_BYTES:
        raise ValueError(response.status_code)
    return KeySet.import_key_set(response.json())


def _decoded(id_token: str, keys: KeySet) -> Mapping[str, Any]:
    try:
        claims: Mapping[str, Any] = jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims
    except InvalidKeyIdError:
        raise
    except (JoseError, ValueError, TypeError) as error:
        raise untrusted("signature") from error
    return claims


def _check(claims: Mapping[str, Any], expected: Expected, now: int) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "values": list(expected.issuers)},
        aud={"essential": True, "value": expected.audience},
        nonce={"essential": True, "value": expected.nonce},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except ClaimError as error:
        if error.claim in CLOCKS and error.claim in claims:
            facts = {"host": HOST, "code": "the operator's clock and the provider's differ"}
            raise Fault(Reason.UNKNOWN, f"the id_token's {error.claim}", facts=facts) from error
        raise untrusted(error.claim) from error
