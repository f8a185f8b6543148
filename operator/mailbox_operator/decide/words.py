"""The words of the API that more than one room uses, spelled as manifests and metrics spell them."""

from enum import StrEnum


class Provider(StrEnum):
    """Who runs the mailbox."""

    GOOGLE = "Google"
    OUTLOOK = "Outlook"
    SMTP = "SMTP"


class Infrastructure(StrEnum):
    """Who brings OAuth app and server settings: the tenant or the platform."""

    PRIVATE = "Private"
    MANAGED = "Managed"


class Grant(StrEnum):
    """How access is granted (RFC 6749 section 4, RFC 7523 section 2.1)."""

    AUTHORIZATION_CODE = "AuthorizationCode"
    JWT_BEARER = "JWTBearer"
    CLIENT_CREDENTIALS = "ClientCredentials"


class Cloud(StrEnum):
    """Which of Microsoft's clouds the tenant lives in."""

    GLOBAL = "Global"
    US_GOVERNMENT = "USGovernment"
    CHINA = "China"


class Security(StrEnum):
    """How a connection becomes secret: upgraded (RFC 3207), or from its first byte (RFC 8314)."""

    STARTTLS = "STARTTLS"
    TLS = "TLS"


class Kind(StrEnum):
    """The kinds this operator looks after."""

    MAILBOX = "Mailbox"
    INFRASTRUCTURE = "ManagedInfrastructure"
    SENDER = "Sender"


class DeletionPolicy(StrEnum):
    """What becomes of the access that a Mailbox was granted when the Mailbox is deleted."""

    RETAIN = "Retain"
    REVOKE = "Revoke"


class Phase(StrEnum):
    """What an attempt spends its time on; `tls` begins with the TCP connection and the greeting."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    SENDER = "sender"
    TOKEN = "token"


class MessagePhase(StrEnum):
    """What a message spends its time on: others before it, a session to open, and the transaction."""

    QUEUE = "queue"
    LOGIN = "login"
    SEND = "send"


class Choose(StrEnum):
    """Who chooses the Mailbox that a message of a Sender goes out by."""

    BY_ENVELOPE = "ByEnvelope"
    BY_RECIPIENT = "ByRecipient"


class FromHeader(StrEnum):
    """What becomes of the address in the header From of a message."""

    VERIFY = "Verify"
    REWRITE = "Rewrite"
