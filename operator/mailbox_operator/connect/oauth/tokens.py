"""Reads what token endpoints answer, good and bad; what Google's and Microsoft's have in common."""

import base64
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.token_errors import WORD, TokenError, fault_of_token_error
from mailbox_operator.decide.texts.bounded import read_json
from mailbox_operator.decide.texts.scrub import scrubbed
from mailbox_operator.decide.words import Grant

TOKEN_ENDPOINT: Final = "the token endpoint"
LIFETIME_SECONDS: Final = 3600
LONGEST_RETRY_AFTER_SECONDS: Final = 3600
WHOLE_SECONDS: Final = re.compile(r"[0-9]{1,9}")
LONGEST_LIFETIME_SECONDS: Final = 86_400

UNREADABLE_ANSWERS: Final = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError,
)  # fmt: skip
"""What libraries raise when a response is not what they expect: no number, or one without end."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a token endpoint granted (RFC 6749 section 5.1).

    Attributes:
        scope: As the response tells; empty if it does not.
        account: The address it is for, by the evidence of the id_token; empty without evidence.
        identity: The account's stable identifier there; empty without evidence.
        login: The user name to log in by; empty for the mailbox's address.
    """

    token: str = field(repr=False)
    lifetime_seconds: float
    scope: str = ""
    account: str = ""
    identity: str = ""
    login: str = ""


def access_token(
    returned: Mapping[str, Any],
    scope: str = "",
    account: Any = "",
    identity: Any = "",
    login: str = "",
) -> AccessToken:
    """Read a successful response.

    Raises:
        Fault: `ProviderUnavailable`: it is none.
    """
    token = returned.get("access_token")
    try:
        lifetime = float(returned.get("expires_in", LIFETIME_SECONDS))
    except (ValueError, TypeError, OverflowError) as error:
        raise no_response(error) from error
    if not (token and isinstance(token, str) and math.isfinite(lifetime) and lifetime >= 0):
        raise no_response(ValueError("no token, or none with a lifetime"))
    lifetime = min(lifetime, LONGEST_LIFETIME_SECONDS)
    return AccessToken(token, lifetime, scope, str(account or ""), str(identity or ""), login)


def claims_of(id_token: Any, client_id: str) -> Mapping[str, Any]:
    """Read the claims of an id_token that came from the token endpoint itself; none if it is absent.

    The TLS connection to that endpoint stands in for the signature (OpenID Connect Core 1.0,
    section 3.1.3.7, rule 6).

    Raises:
        Fault: `IdentityMismatch`: it is for another client, or no id_token at all.
    """
    if not id_token:
        return {}
    try:
        body = str(id_token).split(".")[1]
        claims: Mapping[str, Any] = read_json(
            base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        )
        audience = claims["aud"]
    except (ValueError, LookupError, TypeError):
        raise Fault(Reason.IDENTITY_MISMATCH, "the id_token cannot be read") from None
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        raise Fault(Reason.IDENTITY_MISMATCH, "the id_token is for another client")
    return claims


def token_refusal(
    content: Any, status: int, wait: str, grant: Grant, secrets: Collection[str] = ()
) -> Fault:
    """Say what an error response means.

    Args:
        content: The decoded JSON; anything else if there was none.
        status: The HTTP status.
        wait: The Retry-After header; empty without one.
        grant: How access was asked for.
        secrets: What was sent, and is not to be repeated.
    """
    told = content if isinstance(content, Mapping) else {}
    word = str(told.get("error", ""))
    answer = TokenError(
        error=word if WORD.fullmatch(word) else "",
        description=scrubbed(str(told.get("error_description", "")), secrets),
        suberror=scrubbed(str(told.get("error_subtype") or told.get("suberror") or ""), secrets),
        status=status,
        retry_after=_retry_after(wait),
    )
    return fault_of_token_error(answer, grant)


def no_response(error: Exception, code: str = "no token response") -> Fault:
    """Say that the endpoint was not reached, or did not answer as token endpoints do."""
    return Fault(
        Reason.PROVIDER_UNAVAILABLE,
        type(error).__name__,
        facts={"host": TOKEN_ENDPOINT, "code": code},
    )


def _retry_after(header: str) -> timedelta | None:
    """Read a Retry-After header in seconds (RFC 9110 section 10.2.3); dates were turned into these."""
    if not WHOLE_SECONDS.fullmatch(header):
        return None
    return timedelta(seconds=min(int(header), LONGEST_RETRY_AFTER_SECONDS))
