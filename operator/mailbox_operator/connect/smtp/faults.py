"""Reads the trouble that a session meets: aiosmtplib's errors, TLS errors and plain socket errors."""

import base64
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import aiosmtplib

from mailbox_operator.connect.network.network import DROPPED, about, server_facts
from mailbox_operator.connect.smtp.conversation import NO_REPLY
from mailbox_operator.connect.smtp.credentials import encoded_line
from mailbox_operator.connect.smtp.handshakes import HUNG_UP, fault_of_tls
from mailbox_operator.connect.smtp.meter import FloodError
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.sending_replies import trouble_of_refusal
from mailbox_operator.decide.failure.smtp_replies import (
    LoginKind,
    Reply,
    Stage,
    fault_of_reply,
    is_about_sender,
)
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.passing import passed_on
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.bounded import read_json
from mailbox_operator.decide.texts.scrub import scrubbed

FLOODED: Final = "it sends more than any mail server has to say"


@dataclass(slots=True)
class Exchange:
    """Where a session stands, for whoever must explain its end.

    Attributes:
        secrets: What the server might echo; cut out of every detail.
        stage: What was last asked; None once all is proved, when trouble no longer matters.
        shaking_hands: A TLS handshake is under way.
        encrypted: It was successful.
    """

    endpoint: Endpoint
    login: LoginKind = LoginKind.PASSWORD
    secrets: Sequence[str] = field(default=(), repr=False)
    app_password: bool = False
    stage: Stage | None = Stage.BANNER
    shaking_hands: bool = False
    encrypted: bool = False

    def said(self, line: bytes) -> str:
        """Write a line of a login as it goes out; from then on it is a secret like the others."""
        written = encoded_line(line)
        self.secrets = (*self.secrets, written)
        return written

    def fault(self, code: int, text: str, **facts: str) -> Fault:
        """Say what a reply means here; the table reads all of it, the log only what is harmless."""
        stage = self.stage or Stage.MAIL
        found = fault_of_reply(Reply(code, text, stage, self.login, self.app_password))
        return self._here(found, f"{stage.name} {code} {scrubbed(text, self.secrets)}", facts)

    def trouble(self, stage: Stage, code: int, text: str) -> Fault | None:
        """Say what the refusal of a message says of the mailbox; None where that is nothing."""
        found = trouble_of_refusal(Reply(code, text, stage, self.login, self.app_password))
        detail = f"{stage.name} {code} {scrubbed(text, self.secrets)}"
        return self._here(found, detail, {}) if found else None

    def passed_on(self, code: int, text: str, recipient: str = "") -> Answer:
        """Make what an application is told of a reply."""
        return passed_on(code, text, self.secrets, recipient)

    def _here(self, found: Fault, detail: str, facts: Mapping[str, str]) -> Fault:
        return Fault(
            found.reason,
            detail,
            facts={**server_facts(self.endpoint), **found.facts, **facts},
            retry_after=found.retry_after,
            certain=found.certain,
            finding=found.finding,
        )

    def is_about_sender(self, code: int, text: str) -> bool:
        """Say whether a refusal at RCPT is about who sends."""
        return is_about_sender(Reply(code, text, Stage.RCPT, self.login))


def challenge_status(challenge: str) -> str:
    """Read the `status` of the error that Google sends as an XOAUTH2 challenge; empty if none."""
    try:
        status = str(read_json(base64.b64decode(challenge, validate=True))["status"])
    except (ValueError, KeyError, TypeError):
        return ""
    return status if status in {"400", "401"} else ""


def fault_of(error: Exception, exchange: Exchange) -> Fault:
    """Say what an error means; the cause tells more than the library's wrapping of it."""
    endpoint, cause = exchange.endpoint, error.__cause__
    stage = f"at {exchange.stage.name}" if exchange.stage else ""
    match error:
        case ssl.SSLError():
            return fault_of_tls(error, endpoint, upgraded=exchange.stage is Stage.STARTTLS)
        case aiosmtplib.SMTPResponseException(code=code) if code != NO_REPLY:
            return exchange.fault(code, error.message)
        case aiosmtplib.SMTPResponseException() | ValueError():
            return about(endpoint, Reason.UNKNOWN, f"no SMTP {stage}", code="no SMTP")
        case aiosmtplib.SMTPTimeoutError() | TimeoutError() if exchange.stage is Stage.BANNER:
            return about(endpoint, Reason.CONNECTION_TIMEOUT, stage)
        case aiosmtplib.SMTPTimeoutError() | TimeoutError():  # the port is right: a server greeted
            told = f"no answer {stage}"
            return about(endpoint, Reason.PROVIDER_UNAVAILABLE, told, code=told)
        case _:
            detail = f"{type(error).__name__} {stage}"
            flooded = isinstance(error, FloodError) or isinstance(cause, FloodError)
            told = FLOODED if flooded else HUNG_UP if exchange.shaking_hands else DROPPED
            return about(endpoint, Reason.PROVIDER_UNAVAILABLE, detail, code=told)
