"""The words for reasons, and what follows from one; the table itself is in `rules`.

Reasons are API. One may be added; none is renamed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.words import Infrastructure


class Reason(StrEnum):
    """The `reason` of a condition."""

    CONNECTED = "Connected"
    CONNECTED_UNVERIFIED = "ConnectedUnverified"
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
    TLS_HANDSHAKE_FAILED = "TlsHandshakeFailed"
    HOST_NOT_PERMITTED = "HostNotPermitted"
    RATE_LIMITED = "RateLimited"
    SENDING_LIMIT_REACHED = "SendingLimitReached"
    PROVIDER_UNAVAILABLE = "ProviderUnavailable"
    NETWORK_UNAVAILABLE = "NetworkUnavailable"
    RELAY_UNAVAILABLE = "RelayUnavailable"
    RELAY_REFUSED_SENDER = "RelayRefusedSender"
    INFRASTRUCTURE_NOT_FOUND = "InfrastructureNotFound"
    INFRASTRUCTURE_NOT_ALLOWED = "InfrastructureNotAllowed"
    DOMAIN_NOT_ALLOWED = "DomainNotAllowed"
    ALREADY_CLAIMED = "AlreadyClaimed"
    AVAILABLE = "Available"
    NO_MAILBOX = "NoMailbox"
    MAILBOX_NOT_CONNECTED = "MailboxNotConnected"
    SECRET_NAME_TAKEN = "SecretNameTaken"
    SECRET_NOT_WRITTEN = "SecretNotWritten"
    GATEWAY_UNAVAILABLE = "GatewayUnavailable"
    INVALID_SPEC = "InvalidSpec"
    UNKNOWN = "Unknown"
    INTERNAL_ERROR = "InternalError"


HEALTHY: Final = frozenset({Reason.CONNECTED, Reason.CONNECTED_UNVERIFIED, Reason.AVAILABLE})
"""What an attempt that succeeded ends with."""


class Retry(StrEnum):
    """When the operator makes the next attempt, without anybody asking for it."""

    INTERVAL = "every checkInterval"
    BACKOFF = "within seconds, then at growing intervals up to 15 minutes"
    SLOWLY = "after at least 15 minutes"
    HOURLY = "after at least an hour"
    DEPENDENCY = "as soon as that changes, and every hour"
    PERSON = "as soon as something changes, and after 1 h, then every 6 h"


class Move(StrEnum):
    """Who must act."""

    NOBODY = "Nobody"
    OWNER = "Mailbox owner"
    ADMIN = "Mail administrator"
    PLATFORM = "Platform team"


class ReasonFamily(StrEnum):
    """Which of the three most common mistakes a reason belongs to."""

    PERMISSIONS = "Permissions not granted"
    SETTINGS = "Wrong host, port, username or password"
    APP_PASSWORD = "App password needed"
    OTHER = "-"


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from a reason.

    Attributes:
        retry: When the next attempt is made.
        move: Who must act.
        family: Which of the three common mistakes it is, if one.
        what: What is wrong; one clause without a full stop. `{placeholders}` are the fault's facts.
        todo: What that person does about it.
        managed_move, managed_todo: The same under Managed infrastructure, where they differ.
    """

    retry: Retry
    move: Move
    family: ReasonFamily
    what: str
    todo: str
    managed_move: Move | None = None
    managed_todo: str = ""

    def for_whom(
        self, infrastructure: Infrastructure, *, platform: bool = False
    ) -> tuple[Move, str]:
        """Return who must act, and what to do, under that infrastructure.

        Args:
            infrastructure: Whose the mailbox uses.
            platform: A ManagedInfrastructure itself fails, so the platform must act.
        """
        move, todo = self.move, self.todo
        if infrastructure is Infrastructure.MANAGED and self.managed_move is not None:
            move, todo = self.managed_move, self.managed_todo
        if platform and move is not Move.NOBODY:
            move = Move.PLATFORM
        return move, todo

    def message(
        self, infrastructure: Infrastructure, facts: Mapping[str, str], *, platform: bool = False
    ) -> str:
        """Write the sentence for the owner: what is wrong, who must act, what to do.

        A fact that is missing leaves a neutral word in its place, so a sentence never fails.

        Args:
            infrastructure: Whose the mailbox uses.
            facts: Values for the placeholders.
            platform: A ManagedInfrastructure itself fails, so the platform must act.
        """
        move, todo = self.for_whom(infrastructure, platform=platform)
        who = "No action needed" if move is Move.NOBODY else move.value
        known = _Facts(facts)
        return f"{self.what.format_map(known)}. {who}: {todo.format_map(known)}."


class _Facts(dict[str, str]):
    """Facts of a fault, with a neutral word for the one that is not known."""

    NEUTRAL: Final[Mapping[str, str]] = {
        "address": "the mailbox",
        "advice": "",
        "code": "no code",
        "connected": "its",
        "endpoint": "the mail server",
        "field": "of the spec",
        "host": "the mail server",
        "infrastructure": "in use",
        "lacking": "",
        "login": "the mailbox's account",
        "missing": "a permission",
        "name_or_labels": "what spec.mailboxes says",
        "offered": "mechanisms of its own",
        "other": "",
        "page": "",
        "problem": "no details",
        "recurrence": "",
        "secret": "the credentials Secret",
        "security": "TLS",
        "spoken": "others",
        "trouble": "no details",
    }

    def __missing__(self, name: str) -> str:
        return self.NEUTRAL[name]
