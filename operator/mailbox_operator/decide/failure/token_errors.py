"""What a token endpoint's error means (RFC 6749 section 5.2), and what a refused token means.

Microsoft asks to act upon `error` and `suberror` and to take the AADSTS numbers as hints only: an
unknown number falls back to `error`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.failure.entra import kind_of
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.token_phrases import (
    DELEGATION,
    ERRORS,
    KEY_FILE_ERRORS,
    SERVICE_ACCOUNT,
    SUBERRORS,
    TEXTS,
    WITHOUT_A_PERSON,
    WORDY,
)
from mailbox_operator.decide.words import Grant

AADSTS: Final = re.compile(r"AADSTS(\d{1,9})(?!\d)")
WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
LONGEST_DESCRIPTION: Final = 1000
NOT_CONSENTED: Final = 65001
SERVER_ERROR: Final = 500
TOO_MANY_REQUESTS: Final = 429


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
    reason, finding = _meaning(refusal, grant)
    return Fault(
        reason,
        f"{refusal.error} {refusal.suberror} {refusal.description}",
        facts={"host": "the token endpoint", "code": refusal.label},
        retry_after=refusal.retry_after,
        finding=finding,
    )


def fault_of_authorization_error(error: str, description: str) -> Fault:
    """Say what a provider's refusal means that a browser brought back (RFC 6749 section 4.1.2.1).

    Args:
        error: As in the query. Anybody may have written it: a browser is believed in nothing but
            that there is no grant.
        description: The same.
    """
    refusal = TokenError(
        error if WORD.fullmatch(error) else "no code", description[:LONGEST_DESCRIPTION]
    )
    reason, finding = _meaning(refusal, Grant.AUTHORIZATION_CODE)
    if refusal.number == NOT_CONSENTED:  # who may consent is asked, and not sent back
        reason, finding = Reason.ADMIN_CONSENT_REQUIRED, None
    missing = {"missing": "your consent"} if reason is Reason.CONSENT_INCOMPLETE else {}
    facts = {"host": "the provider's sign-in page", "code": refusal.label, **missing}
    return Fault(reason, f"{refusal.error} {refusal.label}", facts=facts, finding=finding)


def _meaning(refusal: TokenError, grant: Grant) -> tuple[Reason, Finding | None]:
    """Return the reason, and the finding where one tells more."""
    if refusal.status == TOO_MANY_REQUESTS:
        return Reason.RATE_LIMITED, None
    if refusal.status >= SERVER_ERROR:
        return Reason.PROVIDER_UNAVAILABLE, None
    if grant is Grant.JWT_BEARER and refusal.error in DELEGATION:
        return Reason.DELEGATION_NOT_GRANTED, Finding.NOT_DELEGATED
    reason, finding = _by_number(refusal) or _by_words(refusal)
    reason, finding = WITHOUT_A_PERSON.get(grant, {}).get(reason, (reason, finding))
    if grant is Grant.JWT_BEARER and reason is Reason.OAUTH_APP_INVALID:
        finding = KEY_FILE_ERRORS.get(refusal.error, _of_key_file(finding))
    elif finding in SERVICE_ACCOUNT:
        finding = None
    if grant is Grant.CLIENT_CREDENTIALS and finding is Finding.NOT_ASSIGNED:
        return Reason.DELEGATION_NOT_GRANTED, Finding.APP_ROLE_MISSING
    if grant is Grant.CLIENT_CREDENTIALS and finding is Finding.TOKEN_OF_ANOTHER_APP:
        finding = None
    return reason, finding


def _by_number(refusal: TokenError) -> tuple[Reason, Finding | None] | None:
    kind = kind_of(refusal.number)
    return (kind.reason, kind.finding) if kind else None


def _by_words(refusal: TokenError) -> tuple[Reason, Finding | None]:
    text = refusal.description.lower()
    found = (
        (reason, finding)
        for pattern, reason, finding in TEXTS
        if refusal.error in WORDY and pattern.search(text)
    )
    fallback = ERRORS.get(refusal.error, (Reason.UNKNOWN, None))
    return next(found, SUBERRORS.get(refusal.suberror, fallback))


def _of_key_file(finding: Finding | None) -> Finding:
    """Speak of the key file where others have a client secret."""
    return finding if finding in SERVICE_ACCOUNT else Finding.SERVICE_ACCOUNT_UNKNOWN


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
