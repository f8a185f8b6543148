"""Where one SMTP dialogue stands, and the two ways to answer in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation, answer
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.authentication import Credentials, Exchange
from mailbox_operator.gateway.content import Content

MOST_ERRORS: Final = 20
BLAMELESS: Final = frozenset(
    {
        Situation.WRONG_ORDER,
        Situation.ADDRESS_WRONG,
        Situation.ADDRESS_NOT_ASCII,
        Situation.NO_SENDER_ADDRESS,
        Situation.TOO_MANY_RECIPIENTS,
        Situation.TOO_LARGE,
        Situation.NO_ROOM,
        Situation.NUL_IN_MESSAGE,
    }
)
"""Refusals that do not count as errors. After a refused MAIL, RCPT and DATA are in the wrong order
where all were sent together; the others are about one message."""


class Turn(Enum):
    """What a step came to that needs no words."""

    WAIT = "more bytes, or the reply to the last event, are needed"
    ON = "a command was answered"
    UPGRADE = "TLS begins once what is outgoing is written"
    END = "the connection ends once what is outgoing is written"


@dataclass(frozen=True, slots=True)
class Begin:
    """A message of this sender is announced; `size` is 0 where it is not known."""

    sender: str
    size: int


Question = Credentials | Begin | Message
"""What waits for a reply of somebody who knows more than the protocol."""

Event = Turn | Question


@dataclass(frozen=True, slots=True)
class Terms:
    """What an application may do.

    Attributes:
        host: The name of this server.
        most_bytes: Of a message.
        most_recipients: Of a message.
    """

    host: str
    most_bytes: int = 35 * 1024 * 1024
    most_recipients: int = 100


@dataclass(slots=True)
class Session:
    """What was said so far.

    Attributes:
        terms: What the application may do.
        is_secure: Whether TLS protects it.
        refused: Called with each refusal of the protocol's own.
        outgoing: What has to be written.
        has_greeted: Whether EHLO was said, since TLS began.
        is_logged_in: Whether a login was accepted.
        exchange: A login that waits for its next reply.
        sender: Of the message that is under way.
        recipients: Of that message; a set that keeps its order.
        content: Of that message, from DATA on.
        pending: What waits for its reply.
        is_upgrading: Whether TLS is about to begin.
        is_over: Whether the last words are said.
        errors: Since the last thing that was done.
        wrong_logins: In all.
    """

    terms: Terms
    is_secure: bool
    refused: Callable[[Situation], None]
    outgoing: bytearray = field(default_factory=bytearray)
    has_greeted: bool = False
    is_logged_in: bool = False
    exchange: Exchange | None = None
    sender: str | None = None
    recipients: dict[str, None] = field(default_factory=dict)
    content: Content | None = None
    pending: Question | None = None
    is_upgrading: bool = False
    is_over: bool = False
    errors: int = 0
    wrong_logins: int = 0

    def say(self, given: Answer) -> Turn:
        """Reply; some replies are the last words."""
        self.outgoing += given.line()
        self.is_over = given.is_last
        return Turn.END if self.is_over else Turn.ON

    def refuse(self, situation: Situation, **facts: object) -> Turn:
        """Reply with a refusal; after too many errors it is the last."""
        self.refused(situation)
        self.errors += situation not in BLAMELESS
        if self.errors > MOST_ERRORS:
            self.refused(Situation.TOO_MANY_ERRORS)
            return self.say(ANSWERS[Situation.TOO_MANY_ERRORS])
        return self.say(answer(situation, **facts))

    def forget_message(self) -> None:
        """Drop the message that is under way."""
        self.sender, self.content = None, None
        self.recipients.clear()
