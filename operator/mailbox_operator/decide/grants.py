"""What a token endpoint's error means (RFC 6749 section 5.2), and what a refused token means.

Microsoft asks to act upon `error` and `suberror` and to take the AADSTS numbers as hints only: an
unknown number falls back to `error`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.words import Grant

AADSTS: Final = re.compile(r"AADSTS(\d{1,9})(?!\d)")
WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
LONGEST: Final = 1000
NOT_CONSENTED: Final = 65001
SERVER_ERROR: Final = 500
TOO_MANY_REQUESTS: Final = 429

NUMBERS: Final[Mapping[Reason, Collection[int]]] = {
    Reason.CONSENT_INCOMPLETE: (65001, 65004),
    Reason.ADMIN_CONSENT_REQUIRED: (90094, 90095, 650056, 50105),
    Reason.GRANT_REVOKED: (
        50072, 50074, 50076, 50078, 50079, 50089, 50132, 50133, 50158, 50173, 70000, 70008, 70043,
        700082, 700084,
    ),
    Reason.ACCESS_BLOCKED: (
        50034, 50053, 50055, 50057, 50131, 53000, 53001, 53002, 53003, 530032, 530035,
    ),
    Reason.IDENTITY_MISMATCH: (16000, 50020, 500208),
    Reason.OAUTH_APP_INVALID: (
        28002, 50001, 50011, 50059, 50128, 50194, 500011, 650057, 70001, 70002, 70011, 700011,
        700016, 700022, 700027, 7000112, 7000215, 7000222, 90002, 90019, 90038, 900023, 9001023,
    ),
    Reason.RATE_LIMITED: (50196, 90055),
    Reason.PROVIDER_UNAVAILABLE: (40010, 50033, 70012, 80002, 90006, 90024, 90033),
}  # fmt: skip

TEXTS: Final[tuple[tuple[str, str, Reason], ...]] = (
    ("invalid_grant", "invalid email or user id", Reason.ACCESS_BLOCKED),
    ("invalid_grant", "account not found", Reason.OAUTH_APP_INVALID),
    ("invalid_grant", "invalid jwt signature", Reason.OAUTH_APP_INVALID),
    ("invalid_grant", "invalid issuer", Reason.OAUTH_APP_INVALID),
    # The operator's own clock is wrong: nothing that an owner could mend.
    ("invalid_grant", "token must be a short-lived token", Reason.UNKNOWN),
)

ERRORS: Final[Mapping[str, Reason]] = {
    "access_denied": Reason.CONSENT_INCOMPLETE,
    "admin_policy_enforced": Reason.ADMIN_CONSENT_REQUIRED,
    "consent_required": Reason.CONSENT_INCOMPLETE,
    "deleted_client": Reason.OAUTH_APP_INVALID,
    "disabled_client": Reason.OAUTH_APP_INVALID,
    "interaction_required": Reason.GRANT_REVOKED,
    "invalid_client": Reason.OAUTH_APP_INVALID,
    "invalid_grant": Reason.GRANT_REVOKED,
    "invalid_resource": Reason.OAUTH_APP_INVALID,
    "invalid_scope": Reason.OAUTH_APP_INVALID,
    "login_required": Reason.GRANT_REVOKED,
    "org_internal": Reason.ADMIN_CONSENT_REQUIRED,
    "redirect_uri_mismatch": Reason.OAUTH_APP_INVALID,
    "server_error": Reason.PROVIDER_UNAVAILABLE,
    "temporarily_unavailable": Reason.PROVIDER_UNAVAILABLE,
    "unauthorized_client": Reason.OAUTH_APP_INVALID,
    "unsupported_grant_type": Reason.OAUTH_APP_INVALID,
}


@dataclass(frozen=True, slots=True)
class TokenError:
    """A token endpoint's refusal.

    Attributes:
        error, description, suberror: As in the response (Google writes `error_subtype`).
        status: HTTP status; 0 where the library does not tell.
        retry_after: The header of that name.
    """

    error: str
    description: str = ""
    suberror: str = ""
    status: int = 0
    retry_after: timedelta | None = None

    @property
    def number(self) -> int:
        """The AADSTS number; 0 if there is none."""
        found = AADSTS.search(self.description)
        return int(found[1]) if found else 0

    @property
    def label(self) -> str:
        """The code for a message: stable, without trace ids and times."""
        return f"AADSTS{self.number}" if self.number else self.error or f"HTTP {self.status}"


def fault_of_token_error(refusal: TokenError, grant: Grant) -> Fault:
    """Say what a token endpoint's refusal means.

    Args:
        refusal: What it answered.
        grant: How access was asked for: an unauthorized JWT bearer lacks domain-wide delegation.
    """
    return Fault(
        _reason(refusal, grant),
        f"{refusal.error} {refusal.suberror} {refusal.description}",
        facts={"host": "the token endpoint", "code": refusal.label},
        retry_after=refusal.retry_after,
    )


def fault_of_authorization_error(error: str, description: str) -> Fault:
    """Say what a provider's refusal means that a browser brought back (RFC 6749 section 4.1.2.1).

    Args:
        error: As in the query. Anybody may have written it: a browser is believed in nothing but
            that there is no grant.
        description: The same.
    """
    refusal = TokenError(error if WORD.fullmatch(error) else "no code", description[:LONGEST])
    reason = _reason(refusal, Grant.AUTHORIZATION_CODE)
    if refusal.number == NOT_CONSENTED:  # who may consent is asked, and not sent back
        reason = Reason.ADMIN_CONSENT_REQUIRED
    missing = {"missing": "your consent"} if reason is Reason.CONSENT_INCOMPLETE else {}
    facts = {"host": "the provider's sign-in page", "code": refusal.label, **missing}
    return Fault(reason, f"{refusal.error} {refusal.label}", facts=facts)


def _reason(refusal: TokenError, grant: Grant) -> Reason:
    if refusal.status == TOO_MANY_REQUESTS:
        return Reason.RATE_LIMITED
    if refusal.status >= SERVER_ERROR:
        return Reason.PROVIDER_UNAVAILABLE
    if refusal.error == "unauthorized_client" and grant is Grant.JWT_BEARER:
        return Reason.DELEGATION_NOT_GRANTED
    found = _by_number(refusal.number) or _by_text(refusal) or ERRORS.get(refusal.suberror)
    return found or ERRORS.get(refusal.error, Reason.UNKNOWN)


def _by_number(number: int) -> Reason | None:
    return next((reason for reason, numbers in NUMBERS.items() if number in numbers), None)


def _by_text(refusal: TokenError) -> Reason | None:
    text = refusal.description.lower()
    return next(
        (reason for error, part, reason in TEXTS if refusal.error == error and part in text), None
    )


def missing_scopes(required: Collection[str], granted: str) -> str:
    """Name the required scopes that were not granted (RFC 6749 section 3.3); empty if none.

    A response without `scope` granted all that was asked for (section 5.1). Microsoft writes the
    resource before the name, and not always the one that was asked for.
    """
    if not granted:
        return ""
    whole = set(granted.lower().split())
    names = whole | {scope.rpartition("/")[2] for scope in whole}
    return " ".join(scope for scope in required if scope.lower() not in names)
