"""What an SMTP reply means: one table, read from the top, first match wins.

Enhanced codes (RFC 3463) are parsed and compared as wholes: `5.7.1` is not the beginning of `5.7.14`.
Texts are the providers' own, as their documentation and their users' reports quote them.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason

ENHANCED: Final = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


class Stage(Enum):
    """Where in the session a reply came."""

    BANNER = auto()
    EHLO = auto()
    STARTTLS = auto()
    AUTH = auto()
    MAIL = auto()


class Login(Enum):
    """What was offered: a refused token says something else than a refused password."""

    PASSWORD = auto()
    TOKEN = auto()
    APP_TOKEN = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of an SMTP server (RFC 5321 section 4.2), and what it answered.

    Attributes:
        app_password: Whether this server is known to want app passwords.
    """

    code: int
    text: str
    stage: Stage
    login: Login
    app_password: bool = False

    @property
    def enhanced(self) -> str:
        """The enhanced status code at the front of the text; empty if there is none."""
        found = ENHANCED.match(self.text.strip())
        return found[1] if found else ""

    @property
    def label(self) -> str:
        """The codes for a message: stable from attempt to attempt, and never the server's words."""
        return f"{self.code} {self.enhanced}".strip()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; what is left empty matches everything."""

    reason: Reason
    codes: Collection[int] = ()
    enhanced: str = ""
    text: str = ""
    stage: Stage | None = None
    login: Collection[Login] = ()
    app_password: bool | None = None
    retry_after: timedelta | None = None
    certain: bool = True

    def fits(self, reply: Reply) -> bool:
        """Say whether a reply is of this line."""
        return (
            (not self.codes or reply.code in self.codes)
            and (not self.enhanced or reply.enhanced == self.enhanced)
            and self.text in reply.text.lower()
            and self.stage in (None, reply.stage)
            and (not self.login or reply.login in self.login)
            and self.app_password in (None, reply.app_password)
        )


HOUR: Final = timedelta(hours=1)
TRANSIENT: Final = range(400, 500)
PERMANENT: Final = range(500, 600)

TABLE: Final[tuple[Row, ...]] = (
    # The sending quota: the login is fine.
    Row(Reason.SENDING_LIMIT_REACHED, enhanced="5.4.5"),
    Row(Reason.SENDING_LIMIT_REACHED, text="sending limit exceeded"),
    Row(Reason.SENDING_LIMIT_REACHED, text="daily message quota exceeded"),
    Row(Reason.SENDING_LIMIT_REACHED, text="maximum credits exceeded"),
    Row(Reason.SENDING_LIMIT_REACHED, enhanced="5.7.232"),
    Row(Reason.SENDING_LIMIT_REACHED, enhanced="5.7.233"),
    # Too fast.
    Row(Reason.RATE_LIMITED, text="too many login attempts", retry_after=HOUR),
    Row(Reason.RATE_LIMITED, text="too many bad auth attempts", retry_after=HOUR),
    Row(Reason.RATE_LIMITED, text="maximum sending rate exceeded"),
    Row(Reason.RATE_LIMITED, text="too many concurrent"),
    Row(Reason.RATE_LIMITED, codes=(432,)),
    Row(Reason.RATE_LIMITED, codes=(421,), enhanced="4.7.0"),
    Row(Reason.RATE_LIMITED, codes=(451,), enhanced="4.7.500"),
    # Exchange calls a missing mailbox permission transient; only repetition tells.
    Row(Reason.DELEGATION_NOT_GRANTED, text="mapiexceptionlogonfailed", certain=False),
    # SendGrid answers 403, as HTTP would.
    Row(Reason.SENDER_NOT_ALLOWED, text="sender identity", stage=Stage.MAIL),
    Row(Reason.PROVIDER_UNAVAILABLE, codes=TRANSIENT),
    # The channel is not secret yet.
    Row(Reason.TLS_MODE_MISMATCH, codes=(530,), text="starttls"),
    Row(Reason.TLS_MODE_MISMATCH, codes=(538,)),
    Row(Reason.TLS_MODE_MISMATCH, stage=Stage.STARTTLS),
    # SMTP AUTH is switched off.
    Row(Reason.SMTP_AUTH_DISABLED, text="smtpclientauthentication is disabled"),
    Row(Reason.SMTP_AUTH_DISABLED, text="security defaults policy"),
    Row(Reason.SMTP_AUTH_DISABLED, text="basic authentication is disabled"),
    Row(Reason.SMTP_AUTH_DISABLED, enhanced="5.7.57"),
    Row(Reason.SMTP_AUTH_DISABLED, enhanced="5.7.30"),
    Row(Reason.SMTP_AUTH_DISABLED, text="authentication not enabled", stage=Stage.AUTH),
    Row(Reason.SMTP_AUTH_DISABLED, codes=(502, 504), stage=Stage.AUTH),
    # A person must pass a security check first.
    Row(Reason.ACCESS_BLOCKED, enhanced="5.7.14", stage=Stage.AUTH),
    Row(Reason.ACCESS_BLOCKED, text="web browser", stage=Stage.AUTH),
    Row(Reason.ACCESS_BLOCKED, text="did not meet the criteria"),
    Row(Reason.ACCESS_BLOCKED, enhanced="5.4.6"),
    # App passwords.
    Row(Reason.APP_PASSWORD_REQUIRED, text="application-specific password", login=(Login.PASSWORD,)),
    Row(Reason.APP_PASSWORD_REQUIRED, codes=(534,), enhanced="5.7.9", login=(Login.PASSWORD,)),
    # The login was refused; 530 says so even when the sender is offered, after a login that is void.
    Row(Reason.APP_PASSWORD_REQUIRED, codes=(535,), stage=Stage.AUTH, login=(Login.PASSWORD,),
        app_password=True),
    Row(Reason.INVALID_CREDENTIALS, codes=(535,), stage=Stage.AUTH, login=(Login.PASSWORD,)),
    Row(Reason.INVALID_CREDENTIALS, codes=(530,), login=(Login.PASSWORD,)),
    Row(Reason.SMTP_AUTH_DISABLED, codes=(534,), stage=Stage.AUTH, login=(Login.PASSWORD,)),
    Row(Reason.DELEGATION_NOT_GRANTED, codes=(535,), stage=Stage.AUTH, login=(Login.APP_TOKEN,)),
    Row(Reason.DELEGATION_NOT_GRANTED, codes=(530,), login=(Login.APP_TOKEN,)),
    Row(Reason.IDENTITY_MISMATCH, codes=(535,), enhanced="5.7.3", stage=Stage.AUTH),
    Row(Reason.GRANT_REVOKED, codes=(535,), stage=Stage.AUTH),
    Row(Reason.GRANT_REVOKED, codes=(530,)),
    # The sender was refused.
    Row(Reason.SENDER_NOT_ALLOWED, text="sendasdenied"),
    Row(Reason.SENDER_NOT_ALLOWED, enhanced="5.7.60"),
    Row(Reason.SENDER_NOT_ALLOWED, codes=(550, 551, 552, 553, 554, 571), stage=Stage.MAIL),
    # No service for us: an overloaded or a picky server, before anybody logged in.
    Row(Reason.PROVIDER_UNAVAILABLE, codes=PERMANENT, stage=Stage.BANNER),
)  # fmt: skip


def fault_of_reply(reply: Reply) -> Fault:
    """Say what a reply means; what the table does not know is `Unknown`."""
    row = next((row for row in TABLE if row.fits(reply)), Row(Reason.UNKNOWN))
    return Fault(
        row.reason,
        f"{reply.stage.name} {reply.code} {reply.text}",
        facts={"code": reply.label},
        retry_after=row.retry_after,
        certain=row.certain,
    )
