"""Verifies id_tokens (OpenID Connect Core 1.0 section 3.1.3.7): who signed, for whom, when, for what.

The only door of joserfc beside the keys of service accounts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.https import Https, read_object
from mailbox_operator.connect.oauth.proxies import NO_PROXIES, Proxies
from mailbox_operator.connect.oauth.tokens import UNREADABLE_ANSWERS, no_response
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sharing.memory import Memory

ALGORITHMS: Final = ("RS256",)
LEEWAY_SECONDS: Final = 300
KEYS_KEPT_SECONDS: Final = 3600
FETCHED_AGAIN_AFTER_SECONDS: Final = 60
MOST_KEY_SETS: Final = 64
MOST_KEY_BYTES: Final = 2_097_152
MOST_KEYS: Final = 64
IDENTITY_TOKEN: Final = "the identity token"
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
class KeptKeys:
    """Keys as they were fetched, at a time of the monotonic clock; the size is of their text."""

    keys: KeySet
    at: float
    size: int


@dataclass(slots=True)
class IdTokens:
    """Verifies id_tokens with the public keys of their issuers, which are kept for an hour.

    Each directory of Microsoft's has an address of its own for its keys, so the number of key sets
    that are kept has a bound.

    Attributes:
        now: Tells the time of day.
    """

    trust: Trust
    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    timeout_seconds: float = 10
    elsewhere: MailThread = field(default_factory=lambda: MailThread("keys"))
    proxies: Proxies = NO_PROXIES
    _kept: Memory[str, KeptKeys] = field(
        default_factory=lambda: Memory(MOST_KEY_SETS, MOST_KEY_BYTES), repr=False
    )

    async def verify(
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
        claims = await self._verify_signature(id_token, jwks_uri)
        _check(claims, expected(claims), int(self.now().timestamp()))
        return claims

    async def _verify_signature(self, id_token: str, jwks_uri: str) -> Mapping[str, Any]:
        """Verify the signature, with fresh keys if it is by one that is not known yet."""
        try:
            return _decoded(id_token, await self._load_keys(jwks_uri, KEYS_KEPT_SECONDS))
        except InvalidKeyIdError:
            try:
                return _decoded(
                    id_token, await self._load_keys(jwks_uri, FETCHED_AGAIN_AFTER_SECONDS)
                )
            except InvalidKeyIdError as error:
                raise untrusted("signature") from error

    async def _load_keys(self, jwks_uri: str, kept_seconds: float) -> KeySet:
        now = self.monotonic()
        kept = self._kept.recall(jwks_uri, now)
        if kept is None or now - kept.at > kept_seconds:
            kept = await self._fetch(jwks_uri, now)
            self._kept.keep(jwks_uri, kept, now + KEYS_KEPT_SECONDS, now, kept.size)
        return kept.keys

    async def _fetch(self, jwks_uri: str, now: float) -> KeptKeys:
        response = await Https(self.trust, self.timeout_seconds, self.elsewhere, self.proxies).send(
            "GET", jwks_uri
        )
        try:
            keys = _imported(response.is_success, response.content)
        except (JoseError, *UNREADABLE_ANSWERS) as error:
            raise no_response(error, "no keys to verify id_tokens with") from error
        return KeptKeys(keys, now, len(response.content))


def untrusted(check: str) -> Fault:
    """Say that an id_token proves nothing."""
    facts = {"code": f"id_token: {check}"}
    return Fault(Reason.IDENTITY_MISMATCH, f"the id_token cannot be trusted: {check}", facts=facts)


def _imported(is_success: bool, content: bytes) -> KeySet:  # noqa: FBT001 - of a response
    found = read_object(content) if is_success else {}
    if not 0 < len(found["keys"]) <= MOST_KEYS:
        raise ValueError("no keys, or too many")
    return KeySet.import_key_set(found)  # type: ignore[arg-type]  # it raises where it is none


def _decoded(id_token: str, keys: KeySet) -> Mapping[str, Any]:
    try:
        claims: Mapping[str, Any] = jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims
    except InvalidKeyIdError:
        raise
    except (JoseError, *UNREADABLE_ANSWERS) as error:
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
            facts = {
                "host": IDENTITY_TOKEN,
                "code": "the operator's clock and the provider's differ",
            }
            raise Fault(Reason.UNKNOWN, f"the id_token's {error.claim}", facts=facts) from error
        raise untrusted(error.claim) from error
