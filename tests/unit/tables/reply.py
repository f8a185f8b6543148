"""One line of the tables of SMTP replies, and the words they are written with."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import LoginKind, Stage

HOUR: Final = timedelta(hours=1)
PASSWORD, TOKEN, APP_TOKEN = LoginKind.PASSWORD, LoginKind.TOKEN, LoginKind.APP_TOKEN
AUTH, MAIL, RCPT, BANNER, EHLO, STARTTLS = (
    Stage.AUTH,
    Stage.MAIL,
    Stage.RCPT,
    Stage.BANNER,
    Stage.EHLO,
    Stage.STARTTLS,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One reply.

    Attributes:
        id: Names it, and the test of it.
        stage: What it answers.
        login: What was offered, or would be.
        reply: As it comes over the wire, less the last line feed.
        reason: What it means.
        retry_after: Least wait it asks for.
        app_password: The server is known to want app passwords.
        certain: Whether once is enough.
        finding: What is known more precisely than the reason.
    """

    id: str
    stage: Stage
    login: LoginKind
    reply: bytes
    reason: Reason
    retry_after: timedelta | None = None
    app_password: bool = False
    certain: bool = True
    finding: Finding | None = None

    @property
    def code(self) -> int:
        """The reply code."""
        return int(self.reply[:3])

    @property
    def text(self) -> str:
        """The lines without the code, as a client joins them."""
        return "\n".join(
            line[4:] for line in self.reply.decode("utf-8", "surrogateescape").split("\r\n")
        )
