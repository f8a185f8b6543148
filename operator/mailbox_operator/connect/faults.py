"""Reads the trouble that a session meets: aiosmtplib's errors, TLS errors and plain socket errors."""

import re
import ssl
from dataclasses import dataclass, field
from typing import Final

import aiosmtplib

from mailbox_operator.connect.network import about
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.replies import Login, Reply, Stage, fault_of_reply
from mailbox_operator.decide.status import Endpoint

LONGEST_DETAIL: Final = 300
UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]+")
ENCODED: Final = re.compile(r"[A-Za-z0-9+/=_.-]{24,}")
OLD_TLS: Final = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"})
INVALID_REPLY: Final = -1


@dataclass(slots=True)
class Exchange:
    """Where a session stands, for whoever must explain its end.

    Attributes:
        secrets: What the server might echo; cut out of every detail.
        stage: What was last asked; None once all is proved, when trouble no longer matters.
    """

    endpoint: Endpoint
    login: Login
    secrets: tuple[str, ...] = field(repr=False)
    app_password: bool
    stage: Stage | None = Stage.BANNER

    def fault(self, code: int, text: str) -> Fault:
        """Say what a reply means here."""
        reply = Reply(
            code, self.scrubbed(text), self.stage or Stage.MAIL, self.login, self.app_password
        )
        named = {"host": self.endpoint.host, "endpoint": str(self.endpoint)}
        return fault_of_reply(reply).knowing(**named, security=self.endpoint.security.value)

    def scrubbed(self, text: str) -> str:
        """Cut a server's words to what may be logged: short, printable, without credentials."""
        for secret in self.secrets:
            text = text.replace(secret, "***") if secret else text
        text = UNPRINTABLE.sub(" ", text)
        return ENCODED.sub("***", text)[:LONGEST_DETAIL]


def fault_of(error: Exception, exchange: Exchange) -> Fault:
    """Say what an error means; the cause tells more than the library's wrapping of it."""
    endpoint, cause = exchange.endpoint, error.__cause__
    match error:
        case ssl.SSLError():
            return _fault_of_tls(error, exchange)
        case aiosmtplib.SMTPResponseException(code=code) if code != INVALID_REPLY:
            return exchange.fault(code, error.message)
        case aiosmtplib.SMTPResponseException() | ValueError():
            return about(endpoint, Reason.UNKNOWN, "it does not speak SMTP", code="no SMTP")
        case aiosmtplib.SMTPTimeoutError() | TimeoutError():
            return about(endpoint, Reason.CONNECTION_TIMEOUT, _stage(exchange))
        case aiosmtplib.SMTPConnectError() if isinstance(cause, ssl.SSLError):
            return _fault_of_tls(cause, exchange)
        case _:
            detail = f"{type(error).__name__} {_stage(exchange)}"
            dropped = "the connection was dropped"
            return about(endpoint, Reason.PROVIDER_UNAVAILABLE, detail, code=dropped)


def about_tls(endpoint: Endpoint, detail: str) -> Fault:
    """Make the fault that port and security do not go together."""
    return about(endpoint, Reason.TLS_MODE_MISMATCH, detail)


def _fault_of_tls(error: ssl.SSLError, exchange: Exchange) -> Fault:
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = error.verify_message.rstrip(".")
        return about(exchange.endpoint, Reason.TLS_VERIFICATION_FAILED, problem, problem=problem)
    if error.reason in OLD_TLS:
        problem = "it offers no TLS 1.2 or newer"
        return about(exchange.endpoint, Reason.TLS_VERIFICATION_FAILED, problem, problem=problem)
    return about_tls(exchange.endpoint, error.reason or "TLS handshake failed")


def _stage(exchange: Exchange) -> str:
    return f"at {exchange.stage.name}" if exchange.stage else ""
