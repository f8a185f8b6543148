"""What the words of a token endpoint's refusal mean: its error, its suberror, its description."""

import re
from collections.abc import Mapping
from typing import Final

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Grant

Meaning = tuple[Reason, Finding | None]
"""The reason, and the finding where one tells more."""

WORDY: Final = frozenset(
    {"access_denied", "interaction_required", "invalid_grant", "invalid_request"}
)
"""Errors that say in words what they are about."""

TEXTS: Final[tuple[tuple[re.Pattern[str], Reason, Finding], ...]] = (
    (re.compile(r"conditional access|security defaults|token protection"),
     Reason.ACCESS_BLOCKED, Finding.POLICY_FORBIDS),
    (re.compile(r"(valid|invalid) email or user id|impersonation"),
     Reason.ACCESS_BLOCKED, Finding.NOT_A_USER),
    (re.compile(r"(robot|service account) (is|was|has been)? ?(disabled|suspended)"),
     Reason.OAUTH_APP_INVALID, Finding.SERVICE_ACCOUNT_DISABLED),
    (re.compile(r"robot|verifier|service account|account not found|issuer|jwt signature|project"),
     Reason.OAUTH_APP_INVALID, Finding.SERVICE_ACCOUNT_UNKNOWN),
    # The operator's own clock is wrong: nothing that an owner could correct.
    (re.compile(r"short-lived token|timeframe|used too (early|late)|\b(iat|exp)\b|jwt.{0,80}expired"),
     Reason.UNKNOWN, Finding.CLOCKS_DIFFER),
    (re.compile(r"\b(account|user)\b.{0,80}\b(deleted|not exist)|\bdeleted (account|user)"),
     Reason.ACCESS_BLOCKED, Finding.ACCOUNT_UNKNOWN),
    (re.compile(r"\b(account|user)\b.{0,80}\b(disabled|suspended|restricted|inactive)"
                r"|\b(disabled|suspended) (account|user)"),
     Reason.ACCESS_BLOCKED, Finding.ACCOUNT_DISABLED),
)  # fmt: skip
"""What a refused grant says in words, in lower case; the first that fits."""

SUBERRORS: Final[Mapping[str, Meaning]] = {
    "consent_required": (Reason.CONSENT_INCOMPLETE, None),
    "device_authentication_failed": (Reason.ACCESS_BLOCKED, Finding.DEVICE_REFUSED),
    "invalid_rapt": (Reason.GRANT_REVOKED, Finding.SESSION_CONTROL),
    "message_only": (Reason.ACCESS_BLOCKED, Finding.POLICY_FORBIDS),
    "protection_policy_required": (Reason.ACCESS_BLOCKED, Finding.POLICY_FORBIDS),
    "rapt_required": (Reason.GRANT_REVOKED, Finding.SESSION_CONTROL),
    "user_password_expired": (Reason.ACCESS_BLOCKED, Finding.PASSWORD_EXPIRED),
}

ERRORS: Final[Mapping[str, Meaning]] = {
    "access_denied": (Reason.CONSENT_INCOMPLETE, None),
    "admin_policy_enforced": (Reason.ADMIN_CONSENT_REQUIRED, None),
    "app_not_configured_for_user": (Reason.ADMIN_CONSENT_REQUIRED, None),
    "consent_required": (Reason.CONSENT_INCOMPLETE, None),
    "deleted_client": (Reason.OAUTH_APP_INVALID, Finding.APP_UNKNOWN),
    "disabled_client": (Reason.OAUTH_APP_INVALID, Finding.APP_DISABLED),
    "interaction_required": (Reason.GRANT_REVOKED, None),
    "invalid_client": (Reason.OAUTH_APP_INVALID, None),
    "invalid_grant": (Reason.GRANT_REVOKED, None),
    "invalid_resource": (Reason.OAUTH_APP_INVALID, Finding.RESOURCE_UNKNOWN),
    "invalid_scope": (Reason.OAUTH_APP_INVALID, Finding.RESOURCE_UNKNOWN),
    "login_required": (Reason.GRANT_REVOKED, None),
    "org_internal": (Reason.ADMIN_CONSENT_REQUIRED, None),
    "policy_enforced": (Reason.ADMIN_CONSENT_REQUIRED, None),
    "quota_exceeded": (Reason.RATE_LIMITED, None),
    "rate_limit_exceeded": (Reason.RATE_LIMITED, None),
    "redirect_uri_mismatch": (Reason.OAUTH_APP_INVALID, Finding.REDIRECT_WRONG),
    "server_error": (Reason.PROVIDER_UNAVAILABLE, None),
    "slow_down": (Reason.RATE_LIMITED, None),
    "temporarily_unavailable": (Reason.PROVIDER_UNAVAILABLE, None),
    "unauthorized_client": (Reason.OAUTH_APP_INVALID, Finding.TOKEN_OF_ANOTHER_APP),
    "unsupported_grant_type": (Reason.OAUTH_APP_INVALID, None),
}

WITHOUT_A_PERSON: Final[Mapping[Grant, Mapping[Reason, Meaning]]] = {
    Grant.JWT_BEARER: {
        Reason.ADMIN_CONSENT_REQUIRED: (Reason.DELEGATION_NOT_GRANTED, Finding.NOT_DELEGATED),
        Reason.CONSENT_INCOMPLETE: (Reason.DELEGATION_NOT_GRANTED, Finding.NOT_DELEGATED),
        Reason.GRANT_REVOKED: (Reason.OAUTH_APP_INVALID, Finding.SERVICE_ACCOUNT_UNKNOWN),
        Reason.IDENTITY_MISMATCH: (Reason.OAUTH_APP_INVALID, Finding.SERVICE_ACCOUNT_UNKNOWN),
    },
    Grant.CLIENT_CREDENTIALS: {
        Reason.CONSENT_INCOMPLETE: (Reason.DELEGATION_NOT_GRANTED, Finding.APP_ROLE_MISSING),
        Reason.GRANT_REVOKED: (Reason.OAUTH_APP_INVALID, None),
        Reason.IDENTITY_MISMATCH: (Reason.OAUTH_APP_INVALID, Finding.TENANT_NEEDED),
    },
}
"""What takes the place of a reason that asks a person to consent, where no person ever did."""

DELEGATION: Final = frozenset({"unauthorized_client", "access_denied", "invalid_scope"})
"""How Google refuses a service account that no administrator let act for the domain."""
KEY_FILE_ERRORS: Final[Mapping[str, Finding]] = {
    "disabled_client": Finding.SERVICE_ACCOUNT_DISABLED
}
SERVICE_ACCOUNT: Final = frozenset(
    {Finding.SERVICE_ACCOUNT_UNKNOWN, Finding.SERVICE_ACCOUNT_DISABLED}
)
