"""The table of reasons: every way a mailbox can fail, whose move it is, and what happens next.

Reasons are API. A row may be added; none is renamed. docs/reasons.md is this table for people, and a
test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.words import Infrastructure


class Reason(StrEnum):
    """The `reason` of a condition."""

    CONNECTED = "Connected"
    PROGRESSING = "Progressing"
    AWAITING_CONSENT = "AwaitingConsent"
    CONSENT_INCOMPLETE = "ConsentIncomplete"
    ADMIN_CONSENT_REQUIRED = "AdminConsentRequired"
    IDENTITY_MISMATCH = "IdentityMismatch"
    GRANT_REVOKED = "GrantRevoked"
    ACCESS_BLOCKED = "AccessBlocked"
    OAUTH_APP_INVALID = "OAuthAppInvalid"
    DELEGATION_NOT_GRANTED = "DelegationNotGranted"
    SMTP_AUTH_DISABLED = "SmtpAuthDisabled"
    APP_PASSWORD_REQUIRED = "AppPasswordRequired"
    INVALID_CREDENTIALS = "InvalidCredentials"
    CREDENTIALS_MISSING = "CredentialsMissing"
    SENDER_NOT_ALLOWED = "SenderNotAllowed"
    HOST_NOT_FOUND = "HostNotFound"
    CONNECTION_REFUSED = "ConnectionRefused"
    CONNECTION_TIMEOUT = "ConnectionTimeout"
    TLS_MODE_MISMATCH = "TlsModeMismatch"
    TLS_VERIFICATION_FAILED = "TlsVerificationFailed"
    HOST_NOT_PERMITTED = "HostNotPermitted"
    RATE_LIMITED = "RateLimited"
    SENDING_LIMIT_REACHED = "SendingLimitReached"
    PROVIDER_UNAVAILABLE = "ProviderUnavailable"
    NETWORK_UNAVAILABLE = "NetworkUnavailable"
    RELAY_UNAVAILABLE = "RelayUnavailable"
    RELAY_REFUSED_SENDER = "RelayRefusedSender"
    INFRASTRUCTURE_NOT_FOUND = "InfrastructureNotFound"
    INFRASTRUCTURE_NOT_ALLOWED = "InfrastructureNotAllowed"
    INVALID_SPEC = "InvalidSpec"
    UNKNOWN = "Unknown"
    INTERNAL_ERROR = "InternalError"


class Retry(StrEnum):
    """What the operator does by itself after an attempt that ended so."""

    INTERVAL = "every checkInterval"
    BACKOFF = "soon, then ever later"
    SLOWLY = "after 15 minutes at the least"
    HOURLY = "after an hour at the least"
    DEPENDENCY = "at once when it appears; else hourly"
    PERSON = "at once on a change; else after 1 h, then every 6 h"


class Move(StrEnum):
    """Whose move it is."""

    NOBODY = "Nobody"
    OWNER = "Mailbox owner"
    ADMIN = "Mail administrator"
    PLATFORM = "Platform team"


class Family(StrEnum):
    """Which of the things that people meet it is."""

    PERMISSIONS = "Permissions not granted"
    SETTINGS = "Wrong host, port, username or password"
    APP_PASSWORD = "App password needed"
    OTHER = "-"


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from a reason.

    Attributes:
        retry: When the next attempt is made.
        move: Whose move it is.
        family: Which of the three common mistakes it is, if one.
        what: What is wrong; one clause without a full stop. `{placeholders}` are the fault's facts.
        todo: What that person does about it.
        managed_move, managed_todo: The same under Managed infrastructure, where they differ.
    """

    retry: Retry
    move: Move
    family: Family
    what: str
    todo: str
    managed_move: Move | None = None
    managed_todo: str = ""

    def message(
        self, infrastructure: Infrastructure, facts: Mapping[str, str], *, platform: bool = False
    ) -> str:
        """Write the sentence for the owner: what is wrong, whose move it is, what to do.

        A fact that is missing leaves its placeholder's neutral word, so a sentence never fails.

        Args:
            infrastructure: Whose the mailbox uses.
            facts: Values for the placeholders.
            platform: It is a ManagedInfrastructure's own trouble, so the platform is its owner.
        """
        move, todo = self.move, self.todo
        if infrastructure is Infrastructure.MANAGED and self.managed_move is not None:
            move, todo = self.managed_move, self.managed_todo
        if platform and move is not Move.NOBODY:
            move = Move.PLATFORM
        who = "No action needed" if move is Move.NOBODY else move.value
        known = _Facts(facts)
        return f"{self.what.format_map(known)}. {who}: {todo.format_map(known)}."


class _Facts(dict[str, str]):
    """Facts of a fault, with a neutral word for the one that is not known."""

    NEUTRAL: Final[Mapping[str, str]] = {
        "host": "the mail server",
        "endpoint": "the mail server",
        "code": "no code",
        "address": "the mailbox address",
        "secret": "the credentials Secret",
        "other": "",
        "advice": "",
    }

    def __missing__(self, name: str) -> str:
        return self.NEUTRAL.get(name, "unknown")


RULES: Final[Mapping[Reason, Rule]] = {
    Reason.CONNECTED: Rule(
        Retry.INTERVAL,
        Move.NOBODY,
        Family.OTHER,
        "The mail server accepted the login and the sender",
        "the operator checks again every checkInterval",
    ),
    Reason.PROGRESSING: Rule(
        Retry.BACKOFF,
        Move.NOBODY,
        Family.OTHER,
        "The connection is being tried",
        "the result follows within two minutes",
    ),
    Reason.AWAITING_CONSENT: Rule(
        Retry.DEPENDENCY,
        Move.OWNER,
        Family.PERMISSIONS,
        "Nobody has allowed access to {address} yet",
        "give consent as {address} and click Allow on every screen, or put a refresh-token into"
        " {secret}",
        managed_move=Move.OWNER,
        managed_todo="give consent as {address} and click Allow on every screen",
    ),
    Reason.CONSENT_INCOMPLETE: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.PERMISSIONS,
        "Permissions were not fully granted: {missing} is missing",
        "reconnect {address} and click Allow on every screen",
    ),
    Reason.ADMIN_CONSENT_REQUIRED: Rule(
        Retry.PERSON,
        Move.ADMIN,
        Family.PERMISSIONS,
        "The organisation of {address} has not approved the app ({code})",
        "approve the app for the organisation, or assign {address} to it",
    ),
    Reason.IDENTITY_MISMATCH: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.PERMISSIONS,
        "The access that was granted belongs to another account than {address}",
        "reconnect and sign in as {address}",
    ),
    Reason.GRANT_REVOKED: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.PERMISSIONS,
        "Access to {address} expired or was revoked ({code})",
        "reconnect {address}; if this recurs every seven days, publish the Google app, which is in"
        " Testing",
    ),
    Reason.ACCESS_BLOCKED: Rule(
        Retry.PERSON,
        Move.ADMIN,
        Family.OTHER,
        "A security check or a sign-in policy blocks {address} ({code})",
        "sign in once in a browser as {address}, or let the policy admit this login",
    ),
    Reason.OAUTH_APP_INVALID: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.OTHER,
        "The OAuth app was refused ({code})",
        "check client-id and client-secret in {secret} (the secret's value, not its ID), its expiry"
        " date, and the tenant",
        managed_move=Move.PLATFORM,
        managed_todo="check the client-id, client-secret (the value, not the ID), expiry and tenant"
        " of the ManagedInfrastructure",
    ),
    Reason.DELEGATION_NOT_GRANTED: Rule(
        Retry.PERSON,
        Move.ADMIN,
        Family.PERMISSIONS,
        "The app may not act for {address} ({code})",
        "grant Google domain-wide delegation for https://mail.google.com/, or in Exchange Online run"
        " New-ServicePrincipal and Add-MailboxPermission for this mailbox",
    ),
    Reason.SMTP_AUTH_DISABLED: Rule(
        Retry.PERSON,
        Move.ADMIN,
        Family.PERMISSIONS,
        "Authenticated SMTP is switched off for {address} at {host} ({code})",
        "enable it for this mailbox (Exchange Online: Set-CASMailbox"
        " -SmtpClientAuthenticationDisabled $false)",
    ),
    Reason.APP_PASSWORD_REQUIRED: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.APP_PASSWORD,
        "{host} wants an app-specific password, not the account's own ({code})",
        "create an app password{advice} and put it into `password` of {secret}",
    ),
    Reason.INVALID_CREDENTIALS: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.SETTINGS,
        "{endpoint} refused the username or password ({code})",
        "correct `username` and `password` in {secret}{advice}",
    ),
    Reason.CREDENTIALS_MISSING: Rule(
        Retry.DEPENDENCY,
        Move.OWNER,
        Family.SETTINGS,
        "{secret} is not usable: {problem}",
        "create or correct it",
    ),
    Reason.SENDER_NOT_ALLOWED: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.SETTINGS,
        "{endpoint} accepted the login but refuses {address} as sender ({code})",
        "use an address that this login owns, or verify {address} with the provider",
    ),
    Reason.HOST_NOT_FOUND: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.SETTINGS,
        "The host name {host} does not exist",
        "correct the host in the spec",
    ),
    Reason.CONNECTION_REFUSED: Rule(
        Retry.BACKOFF,
        Move.OWNER,
        Family.SETTINGS,
        "{endpoint} refuses connections{other}",
        "check host and port (587 is STARTTLS, 465 is TLS); the operator keeps retrying",
    ),
    Reason.CONNECTION_TIMEOUT: Rule(
        Retry.BACKOFF,
        Move.OWNER,
        Family.SETTINGS,
        "{endpoint} does not answer{other}",
        "check host and port (587 is STARTTLS, 465 is TLS); the operator keeps retrying",
    ),
    Reason.TLS_MODE_MISMATCH: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.SETTINGS,
        "{endpoint} does not speak {security} there{other}",
        "match port and security: 587 is STARTTLS, 465 is TLS",
    ),
    Reason.TLS_VERIFICATION_FAILED: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.SETTINGS,
        "The certificate of {host} cannot be trusted: {problem}",
        "use the host name on the certificate, have it renewed, or name its CA in a caSecretRef",
    ),
    Reason.HOST_NOT_PERMITTED: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.SETTINGS,
        "{endpoint} is not permitted by the platform's egress policy",
        "use a public mail server on port 465, 587, 2465, 2525 or 2587, or ask the platform team to"
        " allow this one",
    ),
    Reason.RATE_LIMITED: Rule(
        Retry.SLOWLY,
        Move.NOBODY,
        Family.OTHER,
        "{host} limits the rate of logins ({code})",
        "the operator waits and tries again",
    ),
    Reason.SENDING_LIMIT_REACHED: Rule(
        Retry.HOURLY,
        Move.NOBODY,
        Family.OTHER,
        "The sending limit of {address} is reached ({code}); the login is fine",
        "the limit lifts by itself and the operator tries again",
    ),
    Reason.PROVIDER_UNAVAILABLE: Rule(
        Retry.BACKOFF,
        Move.NOBODY,
        Family.OTHER,
        "{host} has a passing problem ({code})",
        "the operator keeps retrying",
    ),
    Reason.NETWORK_UNAVAILABLE: Rule(
        Retry.BACKOFF,
        Move.PLATFORM,
        Family.OTHER,
        "The operator's own network or name service does not reach {host}",
        "check DNS, egress and proxies of the cluster; the operator keeps retrying",
    ),
    Reason.RELAY_UNAVAILABLE: Rule(
        Retry.BACKOFF,
        Move.PLATFORM,
        Family.OTHER,
        "The mailbox itself is fine, but the platform's relay {host} is not usable ({trouble})",
        "see the conditions of the ManagedInfrastructure; the operator keeps retrying",
    ),
    Reason.RELAY_REFUSED_SENDER: Rule(
        Retry.PERSON,
        Move.PLATFORM,
        Family.OTHER,
        "The mailbox itself is fine, but the platform's relay {host} refuses {address} as sender"
        " ({code})",
        "allow this sender or its domain on the relay",
    ),
    Reason.INFRASTRUCTURE_NOT_FOUND: Rule(
        Retry.DEPENDENCY,
        Move.PLATFORM,
        Family.OTHER,
        "The ManagedInfrastructure {infrastructure} {problem}",
        "provide it, or name another one in spec.managedInfrastructureName",
    ),
    Reason.INFRASTRUCTURE_NOT_ALLOWED: Rule(
        Retry.DEPENDENCY,
        Move.PLATFORM,
        Family.OTHER,
        "The ManagedInfrastructure {infrastructure} is not open to this namespace",
        "label the namespace as its namespaceSelector asks, or name another one",
    ),
    Reason.INVALID_SPEC: Rule(
        Retry.PERSON,
        Move.OWNER,
        Family.SETTINGS,
        "{field} is not usable: {problem}",
        "correct it",
    ),
    Reason.UNKNOWN: Rule(
        Retry.BACKOFF,
        Move.PLATFORM,
        Family.OTHER,
        "{host} gave an answer that the operator does not know ({code})",
        "look up this mailbox in the operator's log; the operator keeps retrying",
    ),
    Reason.INTERNAL_ERROR: Rule(
        Retry.BACKOFF,
        Move.PLATFORM,
        Family.OTHER,
        "The operator failed on this mailbox ({problem})",
        "report it with the operator's log; the operator keeps retrying",
    ),
}
