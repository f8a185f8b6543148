"""What the SMTP server of the tests is told to do, and what it saw while doing it."""

import ssl
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """A point of the conversation; a client reaches it by sending its command."""

    BANNER = "banner"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    MESSAGE = "message"
    RSET = "rset"
    QUIT = "quit"


class Security(StrEnum):
    """When TLS begins. Dial a STARTTLS server with TLS to meet plain text on a TLS port."""

    STARTTLS = "STARTTLS"
    TLS = "TLS"


class StartTls(StrEnum):
    """What becomes of STARTTLS; stripped is what an attacker on the wire makes of it."""

    OFFERED = "offered"
    STRIPPED = "stripped"
    REFUSED = "refused"


class Mischief(StrEnum):
    """What happens at a stage in place of a reply.

    A server that hangs or drops at the banner does not begin TLS either.
    """

    HANG = "hang"
    DROP = "drop"
    DRIP = "drip"
    ENDLESS_LINES = "endless lines"
    ENDLESS_LINE = "endless line"


class OAuthStyle(StrEnum):
    """How a token is refused: with a challenge to answer first, or at once."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"


Reply = bytes | Sequence[bytes | None]
HANG_UP: Final = b""
"""In place of a reply."""
TokenValid = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a server does. Assign a changed copy to a running server to break or to heal it.

    Attributes:
        security: When TLS begins.
        starttls: What becomes of STARTTLS.
        accounts: Passwords by user name, for PLAIN and LOGIN.
        tokens: Access tokens by user name, for XOAUTH2.
        mechanisms: What EHLO advertises; any other is refused with 504.
        senders: Addresses that MAIL FROM may name after any login; None for all of them.
        oauth_style: How a token is refused.
        oauth_status: The status in Google's refusal. None for 401 if the token is unknown, 400 if
            it is someone else's or `token_valid` refuses it.
        mischief: What happens at a stage in place of a reply.
        replies: What is said at a stage in place of the usual reply: always the same, or one after
            the other, each time the stage is reached by whomever. None among them is the usual
            reply, and so is the end. A 334 is followed by the next one after the client's line.
            A 421 ends the connection, as the standard asks, and so does `HANG_UP`.
        extensions: What EHLO advertises beside STARTTLS and AUTH.
        content_bytes: So much of a message's content is read before its reply; None for all of it.
        proxied: A proxy in front of it has checked the login, so nobody has to log in here.
        latency_seconds: Wait before each reply.
        drip_seconds: Wait between two bytes of a reply that drips.
    """

    security: Security = Security.STARTTLS
    starttls: StartTls = StartTls.OFFERED
    accounts: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN", "XOAUTH2")
    senders: Collection[str] | None = None
    oauth_style: OAuthStyle = OAuthStyle.GOOGLE
    oauth_status: str | None = None
    mischief: Mapping[Stage, Mischief] = field(default_factory=dict)
    replies: Mapping[Stage, Reply] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME")
    content_bytes: int | None = None
    proxied: bool = False
    latency_seconds: float = 0.0
    drip_seconds: float = 0.1


@dataclass(slots=True)
class Attempt:
    """One connection and how far it came.

    Attributes:
        at: When it was accepted.
        stage: The last stage it reached.
        greeting: What the client called itself.
        encrypted: Whether TLS was up.
        mechanism: The last one it asked for; None says that no credentials were sent.
        auths: AUTH commands, refused ones included.
        login_at: When the last of them came.
        username: The user of the last AUTH.
        code: What the last of them was answered; 0 if it was not.
        accepted: Whether the login succeeded.
        sender: The last MAIL FROM.
        recipient: The last RCPT TO.
        messages: What it accepted, with the dots of SMTP taken off.
        commands: All that came outside of content and login.
        ended: When it was closed; None while it is open.
    """

    at: datetime
    stage: Stage = Stage.BANNER
    greeting: str = ""
    encrypted: bool = False
    mechanism: str | None = None
    auths: int = 0
    login_at: datetime | None = None
    username: str | None = None
    code: int = 0
    accepted: bool = False
    sender: str | None = None
    recipient: str | None = None
    messages: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    ended: datetime | None = None


class Script:
    """What all conversations of one server share: the behaviour, and how far its replies are."""

    def __init__(
        self, context: ssl.SSLContext, behaviour: Behaviour, token_valid: TokenValid | None
    ) -> None:
        self.context = context
        self.token_valid = token_valid
        self._behaviour = behaviour
        self._reached: Counter[Stage] = Counter()

    @property
    def behaviour(self) -> Behaviour:
        """The behaviour of this moment; a new one starts its replies from the first."""
        return self._behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._reached.clear()

    def next_reply(self, stage: Stage) -> bytes | None:
        """Take the scripted reply of a stage; None asks for the usual one."""
        match self._behaviour.replies.get(stage):
            case None:
                return None
            case bytes() as reply:
                return reply
            case replies:
                turn = self._reached[stage]
                self._reached[stage] += 1
                return replies[turn] if turn < len(replies) else None
