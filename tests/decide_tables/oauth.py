"""Refusals of token endpoints, as the providers word them, and what each of them means."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.words import Grant

CODE, JWT, APP = Grant.AUTHORIZATION_CODE, Grant.JWT_BEARER, Grant.CLIENT_CREDENTIALS


@dataclass(frozen=True, slots=True)
class Row:
    """One refusal.

    Attributes:
        id: Names it, and the test of it.
        error, description, suberror: As in the response (RFC 6749 section 5.2).
        reason: What it means.
        grant: How access was asked for.
        status: HTTP status.
    """

    id: str
    error: str
    description: str
    reason: Reason
    grant: Grant = CODE
    status: int = 400
    suberror: str = ""


GOOGLE: Final = (
    Row("revoked", "invalid_grant", "Token has been expired or revoked.", Reason.GRANT_REVOKED),
    Row("revoked, no words", "invalid_grant", "Bad Request", Reason.GRANT_REVOKED),
    Row("session control", "invalid_grant", "reauth related error (invalid_rapt)",
        Reason.GRANT_REVOKED, suberror="invalid_rapt"),
    Row("unknown client", "invalid_client", "The OAuth client was not found.",
        Reason.OAUTH_APP_INVALID, status=401),
    Row("wrong client secret", "invalid_client", "Unauthorized", Reason.OAUTH_APP_INVALID, status=401),
    Row("another client's token", "unauthorized_client", "Unauthorized", Reason.OAUTH_APP_INVALID,
        status=401),
    Row("deleted client", "deleted_client", "The OAuth client was deleted.", Reason.OAUTH_APP_INVALID,
        status=401),
    Row("disabled client", "disabled_client", "The OAuth client was disabled.",
        Reason.OAUTH_APP_INVALID, status=401),
    Row("wrong redirect", "redirect_uri_mismatch", "Bad Request", Reason.OAUTH_APP_INVALID),
    Row("declined", "access_denied", "", Reason.CONSENT_INCOMPLETE, status=403),
    Row("forbidden by the admin", "admin_policy_enforced", "", Reason.ADMIN_CONSENT_REQUIRED),
    Row("app of another organisation", "org_internal", "", Reason.ADMIN_CONSENT_REQUIRED, status=403),
    Row("no delegation", "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized"
        " for any of the scopes requested.", Reason.DELEGATION_NOT_GRANTED, JWT, 401),
    Row("no such user", "invalid_grant", "Invalid email or User ID.", Reason.ACCESS_BLOCKED, JWT),
    Row("no such service account", "invalid_grant", "Invalid grant: account not found",
        Reason.OAUTH_APP_INVALID, JWT),
    Row("wrong private key", "invalid_grant", "Invalid JWT Signature.", Reason.OAUTH_APP_INVALID, JWT),
    Row("wrong issuer", "invalid_grant", "Invalid issuer: Not a service account.",
        Reason.OAUTH_APP_INVALID, JWT),
    Row("wrong clock", "invalid_grant",
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
        Reason.UNKNOWN, JWT),
    Row("bad scope", "invalid_scope", "Some requested scopes were invalid.", Reason.OAUTH_APP_INVALID),
    Row("too fast", "rate_limit_exceeded", "", Reason.RATE_LIMITED, status=429),
    Row("in trouble", "internal_failure", "", Reason.PROVIDER_UNAVAILABLE, status=500),
    Row("in trouble, no words", "", "", Reason.PROVIDER_UNAVAILABLE, status=503),
    Row("for a while", "temporarily_unavailable", "", Reason.PROVIDER_UNAVAILABLE),
    Row("in trouble while asked for consent", "server_error", "", Reason.PROVIDER_UNAVAILABLE),
    Row("something new", "invalid_weather", "It rains.", Reason.UNKNOWN),
    Row("no answer of OAuth", "", "", Reason.UNKNOWN, status=404),
)  # fmt: skip

MICROSOFT_ERRORS: Final = (
    Row("consent wanted", "interaction_required", "Unnumbered.", Reason.GRANT_REVOKED),
    Row("consent wanted, suberror", "invalid_grant", "Unnumbered.", Reason.CONSENT_INCOMPLETE,
        suberror="consent_required"),
    Row("consent wanted, error", "consent_required", "", Reason.CONSENT_INCOMPLETE),
    Row("login wanted", "login_required", "", Reason.GRANT_REVOKED),
    Row("unknown resource", "invalid_resource", "", Reason.OAUTH_APP_INVALID),
    Row("unknown grant", "unsupported_grant_type", "", Reason.OAUTH_APP_INVALID),
    Row("unknown number", "invalid_grant", "AADSTS99999999: Something new.", Reason.GRANT_REVOKED),
    Row("unknown number and error", "invalid_request", "AADSTS99999999: Something new.",
        Reason.UNKNOWN),
    Row("app without a grant of its own", "unauthorized_client", "AADSTS700016: Application not found.",
        Reason.OAUTH_APP_INVALID, APP),
)  # fmt: skip

NUMBERS: Final = (
    (Reason.CONSENT_INCOMPLETE, "65001 65004"),
    (Reason.ADMIN_CONSENT_REQUIRED, "90094 90095 50105 650056"),
    (Reason.GRANT_REVOKED, "50076 50079 50072 50074 50078 50158"),
    (Reason.GRANT_REVOKED, "50173 700082 70008 70043 700084 50089 50132 50133 70000 50126"),
    (Reason.ACCESS_BLOCKED, "53000 53001 53002 53003 530032 530035 50131 50034 50057 50053 50055"),
    (Reason.IDENTITY_MISMATCH, "50020 500208 16000"),
    (Reason.OAUTH_APP_INVALID, "700016 70001 700011 7000112 7000215 70002 700027 7000222"),
    (Reason.OAUTH_APP_INVALID, "90002 90019 50059 50128 90038 50194 900023 9001023"),
    (Reason.OAUTH_APP_INVALID, "50011 70011 28002 50001 500011 650057 700022"),
    (Reason.RATE_LIMITED, "50196 90055"),
    (Reason.PROVIDER_UNAVAILABLE, "50033 90024 90033 90006 40010 70012 80002"),
)


def _numbered() -> Iterator[Row]:
    for reason, numbers in NUMBERS:
        for number in numbers.split():
            words = (
                f"AADSTS{number}: Words that change. Trace ID: 8f3c1e52-7d0b Timestamp: 2026-11-23"
            )
            yield Row(f"AADSTS{number}", "invalid_grant", words, reason)


OAUTH_ERRORS: Final = (*GOOGLE, *MICROSOFT_ERRORS, *_numbered())
