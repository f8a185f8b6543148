"""A reply of a mail server: where it came, what was offered before, and a line of its table."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.said import Said

ENHANCED_CODE: Final = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)


class Stage(Enum):
    """Where in the session a reply came."""

    BANNER = auto()
    EHLO = auto()
    STARTTLS = auto()
    AUTH = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()


class LoginKind(Enum):
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
    login: LoginKind
    app_password: bool = False

    @property
    def enhanced(self) -> str:
        """The enhanced status code at the front of the text; empty if there is none."""
        found = ENHANCED_CODE.match(self.text.strip())
        return found[1] if found else ""

    @property
    def label(self) -> str:
        """The codes for a message: stable from attempt to attempt, and never the server's words."""
        return f"{self.code} {self.enhanced}".strip()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; what is left empty matches everything.

    Attributes:
        said: What the text must speak of.
        reason, retry_after, certain, finding: As in the fault that it becomes.
    """

    reason: Reason
    said: Said | None = None
    codes: Collection[int] = ()
    enhanced: Collection[str] = ()
    stage: Collection[Stage] = ()
    login: Collection[LoginKind] = ()
    app_password: bool | None = None
    retry_after: timedelta | None = None
    certain: bool = True
    finding: Finding | None = None

    def fits(self, reply: Reply, said: Collection[Said]) -> bool:
        """Say whether a reply is of this line.

        Args:
            reply: The reply.
            said: What its text speaks of.
        """
        return (
            (self.said is None or self.said in said)
            and (not self.codes or reply.code in self.codes)
            and (not self.enhanced or reply.enhanced in self.enhanced)
            and (not self.stage or reply.stage in self.stage)
            and (not self.login or reply.login in self.login)
            and self.app_password in (None, reply.app_password)
        )
