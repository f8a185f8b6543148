"""What a reply may speak of; the wordings are in `phrases`."""

from enum import Enum, auto


class Said(Enum):
    """What a reply says, whatever its code."""

    SENDING_LIMIT = auto()
    TOO_MANY_LOGINS = auto()
    TOO_FAST = auto()
    MAILBOX_FULL = auto()
    BLOCK_LIST = auto()
    ADDRESS_NOT_ADMITTED = auto()
    GREETING = auto()
    ACCOUNT_BLOCKED = auto()
    PROVE_HUMAN = auto()
    APP_PASSWORD = auto()
    TOKENS_WANTED = auto()
    SMTP_OFF = auto()
    CLIENT_CERTIFICATE = auto()
    TLS_FIRST = auto()
    MECHANISM = auto()
    PASSWORD_TRANSITION = auto()
    PASSWORD_EXPIRED = auto()
    CREDENTIALS = auto()
    LOGIN_FAILED = auto()
    LOGIN_FIRST = auto()
    STORE_CLOSED = auto()
    PASSING = auto()
    LATER = auto()
    SENDER = auto()
    RECIPIENT = auto()
    SEND_AS_DENIED = auto()
    STORE_FULL = auto()
    MESSAGE_SIZE = auto()
