"""One login of SMTP: what is asked, and what the replies come to.

Source: RFC 4954 section 4; RFC 4616 (PLAIN); draft-murchison-sasl-login (LOGIN).
"""

import binascii
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.sending.answers import Situation

CHALLENGES: Final = {
    "PLAIN": (b"334 \r\n",),
    "LOGIN": (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"),
}
"""What each mechanism asks, in its order; the words of LOGIN are `Username:` and `Password:`."""

CANCEL: Final = "*"
EMPTY: Final = "="


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login as an application gave it."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A login that is under way.

    Attributes:
        mechanism: A key of `CHALLENGES`.
        given: What was replied so far.
    """

    mechanism: str
    given: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def challenge(self) -> bytes:
        """What is asked next, as it goes over the wire."""
        return CHALLENGES[self.mechanism][len(self.given)]

    def replied(self, line: str) -> "Exchange | Credentials | Situation":
        """Go on with a reply: to the next challenge, or to the credentials, or to a refusal."""
        if line == CANCEL:
            return Situation.LOGIN_CANCELLED
        try:
            given = (*self.given, binascii.a2b_base64(line, strict_mode=True) if line else b"")
            if len(given) < len(CHALLENGES[self.mechanism]):
                return Exchange(self.mechanism, given)
            texts = [each.decode() for each in given]
        except ValueError:
            return Situation.LOGIN_UNREADABLE
        return _of_plain(*texts) if self.mechanism == "PLAIN" else Credentials(*texts)


def begin(argument: str) -> Exchange | Credentials | Situation:
    """Read what follows AUTH: the mechanism, in letters of any case, and perhaps a first reply."""
    mechanism, space, initial = argument.partition(" ")
    exchange = Exchange(mechanism.upper())
    if exchange.mechanism not in CHALLENGES:
        return Situation.MECHANISM_UNKNOWN
    if not space:
        return exchange
    return exchange.replied("" if initial == EMPTY else initial)


def _of_plain(text: str) -> Credentials | Situation:
    """Read the one reply of PLAIN; nobody may act for another (RFC 4616 section 2)."""
    parts = text.split("\0")
    match parts:
        case [authorized, username, password] if authorized in {"", username}:
            return Credentials(username, password)
        case [_, _, _]:
            return Situation.LOGIN_WRONG
        case _:
            return Situation.LOGIN_UNREADABLE
