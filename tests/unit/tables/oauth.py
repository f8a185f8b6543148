"""Refusals of token endpoints, as the providers word them, and what each of them means."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.failure.reasons import Reason
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
    Row("account deleted", "invalid_grant", "Account has been deleted", Reason.ACCESS_BLOCKED),
    Row("user deleted", "invalid_grant", "The user was deleted.", Reason.ACCESS_BLOCKED),
    Row("user suspended", "invalid_grant", "User account is suspended.", Reason.ACCESS_BLOCKED),
    Row("account disabled", "invalid_grant", "Account disabled: jane", Reason.ACCESS_BLOCKED),
    Row("account restricted", "access_denied", "Account Restricted", Reason.ACCESS_BLOCKED, status=403),
    Row("session control, no subtype", "invalid_grant", "Bad Request", Reason.GRANT_REVOKED,
        suberror="rapt_required"),
    Row("project deleted", "invalid_grant", "Project has been deleted", Reason.OAUTH_APP_INVALID),
    Row("quota", "rate_limit_exceeded", "", Reason.RATE_LIMITED, status=403),
    Row("no verifier", "invalid_grant", "Invalid JWT: No valid verifier found for issuer.",
        Reason.OAUTH_APP_INVALID, JWT),
    Row("robot disabled", "invalid_grant", "Robot is disabled.", Reason.OAUTH_APP_INVALID, JWT),
    Row("service account disabled", "invalid_grant", "The service account was disabled",
        Reason.OAUTH_APP_INVALID, JWT),
    Row("its client disabled", "disabled_client", "The OAuth client was disabled.",
        Reason.OAUTH_APP_INVALID, JWT, 401),
    Row("its client unknown", "invalid_client", "The OAuth client was not found.",
        Reason.OAUTH_APP_INVALID, JWT, 401),
    Row("mailbox deleted", "invalid_grant", "The account has been deleted.", Reason.ACCESS_BLOCKED,
        JWT),
    Row("mailbox suspended", "invalid_grant", "User is suspended", Reason.ACCESS_BLOCKED, JWT),
    Row("no user of that name", "invalid_grant", "Not a valid email or user ID.", Reason.ACCESS_BLOCKED,
        JWT),
    Row("no user to act for", "invalid_request", "Invalid impersonation prn email address.",
        Reason.ACCESS_BLOCKED, JWT),
    Row("client not authorized", "access_denied", "Requested client not authorized.",
        Reason.DELEGATION_NOT_GRANTED, JWT, 403),
    Row("scope not delegated", "invalid_scope", "Bad Request", Reason.DELEGATION_NOT_GRANTED, JWT),
    Row("early clock", "invalid_grant", "Invalid JWT: Token used too early", Reason.UNKNOWN, JWT),
    Row("late clock", "invalid_grant", "Invalid JWT: iat is in the future", Reason.UNKNOWN, JWT),
    Row("a key file refused, no words", "invalid_grant", "Bad Request", Reason.OAUTH_APP_INVALID, JWT),
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
    Row("unknown conditional access", "invalid_grant", "AADSTS530999: Something new.",
        Reason.ACCESS_BLOCKED),
    Row("conditional access without a number", "interaction_required",
        "Access has been blocked by Conditional Access policies.", Reason.ACCESS_BLOCKED),
    Row("nothing that a sign-in would change", "invalid_grant", "Unnumbered.", Reason.ACCESS_BLOCKED,
        suberror="message_only"),
    Row("device refused", "interaction_required", "Unnumbered.", Reason.ACCESS_BLOCKED,
        suberror="device_authentication_failed"),
    Row("unknown trouble with a secret", "invalid_client", "AADSTS7000299: Something new.",
        Reason.OAUTH_APP_INVALID),
    Row("unknown trouble with an agent", "invalid_grant", "AADSTS80019: Something new.",
        Reason.PROVIDER_UNAVAILABLE),
    Row("app without consent", "invalid_grant", "AADSTS65001: Not consented.",
        Reason.DELEGATION_NOT_GRANTED, APP),
    Row("app without a role", "invalid_grant", "AADSTS501051: Not assigned to a role.",
        Reason.DELEGATION_NOT_GRANTED, APP),
    Row("app with a policy against it", "invalid_grant", "AADSTS53003: Blocked.", Reason.ACCESS_BLOCKED,
        APP),
    Row("app refused, no words", "invalid_grant", "Bad Request", Reason.OAUTH_APP_INVALID, APP),
    Row("app of another tenant", "invalid_grant", "AADSTS50020: Foreign.", Reason.OAUTH_APP_INVALID,
        APP),
    Row("app without a grant of its own", "unauthorized_client", "AADSTS700016: Application not found.",
        Reason.OAUTH_APP_INVALID, APP),
)  # fmt: skip

NUMBERS: Final = (
    (Reason.CONSENT_INCOMPLETE, "65001 65004"),
    (Reason.ADMIN_CONSENT_REQUIRED, "90093 90094 90095 50105 501051 65002 650051 650052 650056"),
    (Reason.ADMIN_CONSENT_REQUIRED, "7000229 1000031"),
    (Reason.GRANT_REVOKED, "50076 50079 50072 50074 50078 50158 50203 500121"),
    (Reason.GRANT_REVOKED, "50173 700082 70008 70043 700084 50089 50132 50133 70000 50126"),
    (Reason.GRANT_REVOKED, "50058 50085 50140 50143 51000"),
    (Reason.ACCESS_BLOCKED, "53000 53001 53002 53003 530032 530035 530084 50131 50005 80012"),
    (Reason.ACCESS_BLOCKED, "50034 51004 50057 50053 50055 50056 50142 50144"),
    (Reason.ACCESS_BLOCKED, "50097 50129 50155 50187 135011 240001 700003"),
    (Reason.ACCESS_BLOCKED, "500021 500022 500212 500213"),
    (Reason.IDENTITY_MISMATCH, "50020 500208 16000 16003 90072"),
    (Reason.OAUTH_APP_INVALID, "700016 70001 700011 90112 900381 7000112 700023"),
    (Reason.OAUTH_APP_INVALID, "7000212 7000215 7000216 7000218 7000222 70002 700021 700027 700030"),
    (Reason.OAUTH_APP_INVALID, "9002326 9002327 50011 500111 500112 500113 90012 900971"),
    (Reason.OAUTH_APP_INVALID, "90002 90019 50049 50059 50128 90038 90130 50194 900021 900023 900382"),
    (Reason.OAUTH_APP_INVALID, "9001023 700005 7000113 7000114 240002 70003 70007 700025"),
    (Reason.OAUTH_APP_INVALID, "70011 28002 28003 50001 500011 500014 65005 650053 650057 700022"),
    (Reason.UNKNOWN, "700024 500133"),
    (Reason.RATE_LIMITED, "50196 90055"),
    (Reason.PROVIDER_UNAVAILABLE, "50033 90024 90033 90006 90036 40008 40010 70012"),
    (Reason.PROVIDER_UNAVAILABLE, "80001 80002 80005 80007 80010 80013"),
)  # fmt: skip


def _numbered() -> Iterator[Row]:
    for reason, numbers in NUMBERS:
        for number in numbers.split():
            words = (
                f"AADSTS{number}: Words that change. Trace ID: 8f3c1e52-7d0b Timestamp: 2026-11-23"
            )
            yield Row(f"AADSTS{number}", "invalid_grant", words, reason)


OAUTH_ERRORS: Final = (*GOOGLE, *MICROSOFT_ERRORS, *_numbered())
