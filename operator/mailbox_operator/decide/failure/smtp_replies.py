"""What an SMTP reply means: one table, read from the top, first match wins.

A line tells replies by what they say (`phrases`), by their code, by the registry of enhanced codes (RFC
5248, and what Exchange Online adds to it), and by where they came. The first lines hold for any code.
Enhanced codes (RFC 3463) are parsed and compared as wholes: `5.7.1` is not the beginning of `5.7.14`.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.said import Said
from mailbox_operator.decide.failure.smtp_reply import LoginKind, Reply, Row, Stage
from mailbox_operator.decide.failure.wording import said_in

__all__ = [
    "TABLE",
    "LoginKind",
    "Reply",
    "Row",
    "Stage",
    "fault_by",
    "fault_of_reply",
    "is_about_sender",
]


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TRANSIENT, PERMANENT = range(400, 500), range(500, 600)
BEFORE: Final = (Stage.BANNER, Stage.EHLO)
AUTH: Final = (Stage.AUTH,)
AFTER: Final = (Stage.MAIL, Stage.RCPT)
NOT_AUTH: Final = (*BEFORE, Stage.STARTTLS, *AFTER)
LOGGING_IN: Final = (*AUTH, *AFTER)
PASSWORD: Final = (LoginKind.PASSWORD,)
TOKEN_LOGINS: Final = (LoginKind.TOKEN,)
APP_LOGINS: Final = (LoginKind.APP_TOKEN,)
EXCHANGE_BANNED: Final = frozenset(f"5.7.{number}" for number in (*range(606, 650), 708))
EXCHANGE_BLOCKED: Final = frozenset(
    f"5.7.{number}" for number in (501, 502, 503, 508, 703, 705, 750)
)
CONTINUOUS_ERRORS: Final = frozenset(f"5.2.{number}" for number in range(251, 256))
"""A whole mailbox is held back for a while, for what its applications did again and again."""

QUOTA_CODES: Final = frozenset({"5.4.5", "5.1.90", "5.7.232", "5.7.233", "5.7.236"})
ADDRESS_OF_SENDER: Final = frozenset({"5.1.7", "5.1.8", "5.7.27", "5.7.60", "4.1.7", "4.1.8"})


def _refused(
    said: Said | None = None,
    codes: Collection[int] = (),
    enhanced: Collection[str] = (),
    *,
    certain: bool = True,
    retry_after: timedelta | None = None,
) -> tuple[Row, ...]:
    """Write the lines of a login that was refused; what it means depends on what was offered."""
    meanings = (
        (Reason.APP_PASSWORD_REQUIRED, PASSWORD, True),
        (Reason.INVALID_CREDENTIALS, PASSWORD, None),
        (Reason.DELEGATION_NOT_GRANTED, APP_LOGINS, None),
        (Reason.GRANT_REVOKED, TOKEN_LOGINS, None),
    )
    return tuple(
        Row(reason, said, codes, enhanced, AUTH, login, app, retry_after, certain)
        for reason, login, app in meanings
    )  # fmt: skip


def _for_now(said: Said) -> tuple[Row, ...]:
    """Write the lines of a login that nobody judged, and that may be tried again."""
    return (
        Row(Reason.RATE_LIMITED, said, (421,), ("4.7.0",), AUTH),
        Row(Reason.PROVIDER_UNAVAILABLE, said, TRANSIENT, (), AUTH),
    )


TABLE: Final[tuple[Row, ...]] = (
    # The sending quota: the login is fine.
    Row(Reason.SENDING_LIMIT_REACHED, enhanced=QUOTA_CODES),
    Row(Reason.SENDING_LIMIT_REACHED, Said.SENDING_LIMIT, stage=LOGGING_IN),
    # The address that we come from, or the name that we give, is not liked; servers may keep such a
    # refusal until MAIL or RCPT.
    Row(Reason.RATE_LIMITED, Said.TOO_FAST, stage=BEFORE),
    Row(Reason.ACCESS_BLOCKED, Said.GREETING, stage=BEFORE, codes=PERMANENT, certain=False,
        finding=Finding.GREETING_REFUSED),
    Row(Reason.ACCESS_BLOCKED, Said.ADDRESS_NOT_ADMITTED, stage=LOGGING_IN,
        finding=Finding.ADDRESS_NOT_ADMITTED),
    Row(Reason.ACCESS_BLOCKED, Said.BLOCK_LIST, certain=False, finding=Finding.CLIENT_REFUSED),
    Row(Reason.TLS_HANDSHAKE_FAILED, Said.CLIENT_CERTIFICATE, stage=(*BEFORE, *LOGGING_IN),
        finding=Finding.CLIENT_CERTIFICATE_WANTED),
    Row(Reason.TLS_MODE_MISMATCH, Said.TLS_FIRST, stage=AFTER, codes=(523, 530, 538, 550, 554),
        finding=Finding.ENCRYPTION_ASKED_AGAIN),
    Row(Reason.TLS_MODE_MISMATCH, Said.TLS_FIRST, codes=(523, 530, 538, 550, 554)),
    Row(Reason.PROVIDER_UNAVAILABLE, stage=BEFORE, enhanced=("5.3.2",), certain=False),
    Row(Reason.ACCESS_BLOCKED, stage=(Stage.BANNER,), codes=PERMANENT, certain=False,
        finding=Finding.CLIENT_REFUSED),
    Row(Reason.ACCESS_BLOCKED, stage=(Stage.EHLO,), codes=(501, 504, 550, 553, 554), certain=False,
        finding=Finding.GREETING_REFUSED),
    Row(Reason.RATE_LIMITED, stage=(Stage.EHLO,), codes=(421,), enhanced=("4.7.0",),
        finding=Finding.GREETING_DEFERRED),
    Row(Reason.PROVIDER_UNAVAILABLE, stage=(Stage.EHLO,), codes=TRANSIENT,
        finding=Finding.GREETING_DEFERRED),
    Row(Reason.ACCESS_BLOCKED, Said.GREETING, stage=LOGGING_IN, codes=PERMANENT,
        finding=Finding.GREETING_REFUSED),
    Row(Reason.ACCESS_BLOCKED, enhanced=("5.7.25", *EXCHANGE_BANNED), certain=False,
        finding=Finding.CLIENT_REFUSED),
    Row(Reason.ACCESS_BLOCKED, enhanced=("5.7.64",), finding=Finding.ADDRESS_NOT_ADMITTED),
    # Too fast.
    Row(Reason.RATE_LIMITED, Said.TOO_MANY_LOGINS, retry_after=HOUR),
    Row(Reason.ACCESS_BLOCKED, codes=(432,), enhanced=("4.7.12",), finding=Finding.PASSWORD_TRANSITION),
    Row(Reason.ACCESS_BLOCKED, Said.PASSWORD_TRANSITION, finding=Finding.PASSWORD_TRANSITION),
    Row(Reason.ACCESS_BLOCKED, Said.PASSWORD_EXPIRED, stage=AUTH, finding=Finding.PASSWORD_EXPIRED),
    Row(Reason.RATE_LIMITED, Said.TOO_FAST),
    Row(Reason.RATE_LIMITED, codes=(432,)),
    Row(Reason.RATE_LIMITED, stage=NOT_AUTH, codes=(421,), enhanced=("4.7.0",)),
    Row(Reason.RATE_LIMITED, enhanced=("4.7.500", "5.7.28", "4.7.28", *CONTINUOUS_ERRORS)),
    # Exchange calls a missing mailbox permission transient; only repetition tells.
    Row(Reason.DELEGATION_NOT_GRANTED, Said.STORE_CLOSED, certain=False),
    # Passwords are not taken, or SMTP AUTH is switched off.
    Row(Reason.SMTP_AUTH_DISABLED, Said.TOKENS_WANTED, stage=AUTH, login=PASSWORD, codes=PERMANENT,
        finding=Finding.TOKENS_WANTED),
    Row(Reason.SMTP_AUTH_DISABLED, enhanced=("5.7.57", "5.7.30")),
    Row(Reason.SMTP_AUTH_DISABLED, Said.SMTP_OFF, stage=LOGGING_IN, codes=PERMANENT),
    # A person must pass a security check first, or somebody must unblock the account.
    Row(Reason.ACCESS_BLOCKED, Said.PROVE_HUMAN, stage=LOGGING_IN),
    Row(Reason.ACCESS_BLOCKED, stage=AUTH, enhanced=("5.7.14",)),
    Row(Reason.ACCESS_BLOCKED, enhanced=("5.4.6",)),
    # App passwords.
    Row(Reason.APP_PASSWORD_REQUIRED, Said.APP_PASSWORD, stage=AUTH, login=PASSWORD),
    Row(Reason.APP_PASSWORD_REQUIRED, codes=(534,), enhanced=("5.7.9",), stage=AUTH, login=PASSWORD),
    # The account.
    Row(Reason.ACCESS_BLOCKED, Said.ACCOUNT_BLOCKED, stage=AUTH, finding=Finding.ACCOUNT_BLOCKED),
    Row(Reason.ACCESS_BLOCKED, Said.ACCOUNT_BLOCKED, stage=AFTER, codes=PERMANENT,
        finding=Finding.ACCOUNT_BLOCKED),
    Row(Reason.ACCESS_BLOCKED, codes=(525,), stage=AUTH, finding=Finding.ACCOUNT_BLOCKED),
    Row(Reason.ACCESS_BLOCKED, enhanced=("5.2.1", "5.7.13", *EXCHANGE_BLOCKED), stage=LOGGING_IN,
        finding=Finding.ACCOUNT_BLOCKED),
    Row(Reason.ACCESS_BLOCKED, enhanced=("5.7.12",), finding=Finding.PASSWORD_TRANSITION),
    Row(Reason.ACCESS_BLOCKED, Said.MAILBOX_FULL, stage=LOGGING_IN, codes=PERMANENT,
        finding=Finding.MAILBOX_FULL),
    Row(Reason.ACCESS_BLOCKED, enhanced=("5.2.2",), stage=AFTER, finding=Finding.MAILBOX_FULL),
    # A login that is refused for now: some servers call a wrong password that, so only repetition
    # tells. What speaks of a fault of the server's does not speak of the password. 421 with 4.7.0 is
    # how servers hang up on a client that comes too often, unless the text speaks of the login.
    *_for_now(Said.PASSING),
    *_refused(Said.CREDENTIALS, TRANSIENT, certain=False),
    *_for_now(Said.LATER),
    *_refused(Said.LOGIN_FAILED, TRANSIENT, certain=False),
    Row(Reason.RATE_LIMITED, stage=AUTH, codes=(421,), enhanced=("4.7.0",)),
    # A sender that is refused for now; SendGrid answers 403, as HTTP would.
    Row(Reason.SENDER_NOT_ALLOWED, Said.SENDER, stage=AFTER, codes=(403,)),
    Row(Reason.PROVIDER_UNAVAILABLE, Said.PASSING, codes=TRANSIENT),
    Row(Reason.SENDER_NOT_ALLOWED, Said.SENDER, stage=AFTER, codes=TRANSIENT, certain=False),
    Row(Reason.PROVIDER_UNAVAILABLE, codes=TRANSIENT),
    # The channel is not secret yet.
    Row(Reason.TLS_MODE_MISMATCH, codes=(523, 538)),
    Row(Reason.TLS_MODE_MISMATCH, enhanced=("5.7.10", "5.7.11"), stage=LOGGING_IN),
    Row(Reason.TLS_MODE_MISMATCH, stage=(Stage.STARTTLS,)),
    # The login was refused; a server in trouble may use 535 as well, so that is asked again.
    Row(Reason.SMTP_AUTH_DISABLED, Said.MECHANISM, codes=(535,), stage=AUTH, login=PASSWORD),
    Row(Reason.IDENTITY_MISMATCH, codes=(535,), enhanced=("5.7.3",), stage=AUTH, login=TOKEN_LOGINS),
    *_refused(Said.PASSING, (535,), certain=False, retry_after=MINUTE),
    *_refused(codes=(535,)),
    *_refused(enhanced=("5.7.8",)),
    Row(Reason.SMTP_AUTH_DISABLED, Said.MECHANISM, stage=AUTH, login=PASSWORD),
    Row(Reason.SMTP_AUTH_DISABLED, codes=(502, 503, 504), stage=AUTH),
    *_refused(Said.CREDENTIALS),
    *_refused(Said.LOGIN_FAILED),
    *_refused(codes=(530,)),
    Row(Reason.SMTP_AUTH_DISABLED, codes=(534,), stage=AUTH, login=PASSWORD),
    Row(Reason.DELEGATION_NOT_GRANTED, codes=(534,), stage=AUTH, login=APP_LOGINS),
    Row(Reason.GRANT_REVOKED, codes=(534,), stage=AUTH, login=TOKEN_LOGINS),
    Row(Reason.PROVIDER_UNAVAILABLE, Said.PASSING, stage=AUTH, certain=False),
    Row(Reason.ACCESS_BLOCKED, enhanced=("5.7.0", "5.7.1"), stage=AUTH),
    Row(Reason.ACCESS_BLOCKED, codes=(521, 550, 554, 571), stage=AUTH),
    # The login was accepted, and is not known any more.
    *(
        Row(reason, said, codes, enhanced, AFTER, login, finding=finding)
        for said, codes, enhanced in (
            (Said.LOGIN_FIRST, PERMANENT, ()),
            (None, (530,), ("5.5.1", "5.7.0", "5.7.1")),
        )
        for reason, login, finding in (
            (Reason.SMTP_AUTH_DISABLED, PASSWORD, Finding.LOGIN_FORGOTTEN),
            (Reason.DELEGATION_NOT_GRANTED, APP_LOGINS, None),
            (Reason.GRANT_REVOKED, TOKEN_LOGINS, None),
        )
    ),
    # The sender was refused.
    Row(Reason.SENDER_NOT_ALLOWED, Said.SENDER, stage=AFTER),
    Row(Reason.PROVIDER_UNAVAILABLE, Said.PASSING, stage=AFTER, certain=False),
    Row(Reason.UNKNOWN, enhanced=("5.5.0", "5.5.1", "5.5.2"), stage=AFTER),
    Row(Reason.UNKNOWN, codes=(500, 502, 503, 555), stage=AFTER),
    Row(Reason.SENDER_NOT_ALLOWED, codes=PERMANENT, stage=AFTER),
)  # fmt: skip


UNKNOWN: Final = Row(Reason.UNKNOWN)


def fault_of_reply(reply: Reply) -> Fault:
    """Say what a reply means; what the table does not know is `Unknown`."""
    said = said_in(reply.text)
    return fault_by(next((row for row in TABLE if row.fits(reply, said)), UNKNOWN), reply)


def fault_by(row: Row, reply: Reply) -> Fault:
    """Make the fault that a line of a table says a reply is."""
    return Fault(
        row.reason,
        f"{reply.stage.name} {reply.code} {reply.text}",
        facts={"code": reply.label},
        retry_after=row.retry_after,
        certain=row.certain,
        finding=row.finding,
    )


ABOUT_SENDER: Final = frozenset(
    {
        Said.SENDER,
        Said.SENDING_LIMIT,
        Said.BLOCK_LIST,
        Said.ADDRESS_NOT_ADMITTED,
        Said.CLIENT_CERTIFICATE,
        Said.GREETING,
        Said.LOGIN_FIRST,
    }
)


def is_about_sender(reply: Reply) -> bool:
    """Say whether a refusal at RCPT is about who sends.

    Many servers keep a refusal of the sender, of the client or of its greeting until then. A refusal
    of the recipient says nothing about the login: its own address need not be one of this server's.
    """
    said = said_in(reply.text)
    if reply.enhanced in ADDRESS_OF_SENDER:
        return True
    if Said.RECIPIENT in said:
        return False
    policy = reply.code == 553 and reply.enhanced.startswith("5.7.")  # noqa: PLR2004 - RFC 5321
    return policy or not said.isdisjoint(ABOUT_SENDER)
