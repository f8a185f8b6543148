"""What was found more precisely than a reason tells, and what is said in place of the reason's row.

A reason is an API word and has one sentence in `rules`. Where a kind of trouble under that reason has
another remedy, or another person to apply it, the fault names a finding, and these words replace the
row's.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailbox_operator.decide.failure.reasons import Move, Reason


class Finding(StrEnum):
    """A kind of trouble that is known more precisely than its reason."""

    NAME_NOT_ON_CERTIFICATE = "name not on certificate"
    CERTIFICATE_EXPIRED = "certificate expired"
    CERTIFICATE_NOT_YET_VALID = "certificate not yet valid"
    CERTIFICATE_TOO_WEAK = "certificate too weak"
    ISSUER_UNKNOWN = "issuer unknown"
    AUTHORITY_UNKNOWN = "authority unknown"
    NO_ENCRYPTION = "no encryption"
    ENCRYPTION_ASKED_AGAIN = "encryption asked again"
    CLIENT_CERTIFICATE_WANTED = "client certificate wanted"
    NO_LOGIN_OFFERED = "no login offered"
    WINDOWS_LOGINS_ONLY = "Windows logins only"
    TOKENS_ONLY = "tokens only"
    OTHER_MECHANISMS_ONLY = "other mechanisms only"
    EXCHANGE_ONLINE = "Exchange Online"
    PERSONAL_PASSWORD = "personal password"
    PASSWORDS_ENDED = "passwords ended"
    TOKENS_WANTED = "tokens wanted"
    SECOND_FACTOR_ASKED = "second factor asked"
    SESSION_CONTROL = "session control"
    SINGLE_PAGE_GRANT = "single-page grant"
    ACCOUNT_UNKNOWN = "account unknown"
    ACCOUNT_DISABLED = "account disabled"
    ACCOUNT_LOCKED = "account locked"
    PASSWORD_EXPIRED = "password expired"
    POLICY_FORBIDS = "policy forbids"
    DEVICE_REFUSED = "device refused"
    ORGANISATION_FORBIDS = "organisation forbids"
    NOT_ASSIGNED = "not assigned"
    APP_NOT_INSTALLED = "app not installed"
    FOREIGN_ACCOUNT = "foreign account"
    APP_UNKNOWN = "app unknown"
    APP_DISABLED = "app disabled"
    SECRET_WRONG = "secret wrong"
    SECRET_EXPIRED = "secret expired"
    SINGLE_PAGE_APP = "single-page app"
    REDIRECT_WRONG = "redirect wrong"
    TENANT_UNKNOWN = "tenant unknown"
    TENANT_NEEDED = "tenant needed"
    RESOURCE_UNKNOWN = "resource unknown"
    TOKEN_OF_ANOTHER_APP = "token of another app"
    APP_ROLE_MISSING = "app role missing"
    SERVICE_ACCOUNT_UNKNOWN = "service account unknown"
    SERVICE_ACCOUNT_DISABLED = "service account disabled"
    NOT_DELEGATED = "not delegated"
    NOT_A_USER = "not a user"
    TOKEN_REFUSED = "token refused"
    CLOCKS_DIFFER = "clocks differ"
    CLIENT_REFUSED = "client refused"
    GREETING_REFUSED = "greeting refused"
    GREETING_DEFERRED = "greeting deferred"
    ADDRESS_NOT_ADMITTED = "address not admitted"
    ACCOUNT_BLOCKED = "account blocked"
    PASSWORD_TRANSITION = "password transition"
    MAILBOX_FULL = "mailbox full"
    LOGIN_FORGOTTEN = "login forgotten"


@dataclass(frozen=True, slots=True)
class Words:
    """What replaces the words of a reason's row; placeholders are the fault's facts there as well.

    Attributes:
        reasons: Those that this may be found under.
        move: Who must act, under either infrastructure.
        what, todo: As in `Rule`.
        or_platform: A server that the platform names is the platform's all the same, as the row says.
    """

    reasons: tuple[Reason, ...]
    move: Move
    what: str
    todo: str
    or_platform: bool = False
