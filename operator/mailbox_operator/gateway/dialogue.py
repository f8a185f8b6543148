"""The server's side of an SMTP submission as a pure machine: bytes in; events and replies out.

It knows the protocol, and neither sockets nor who may send. `receive` takes bytes. `step` takes one
step and says what happened. `reply` answers the event that waits for it. `take_outgoing` returns what
is to be written. How the bytes were cut makes no difference, but for STARTTLS: what follows it in plain
text is dropped.

Source: RFC 5321, RFC 6409 (submission), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 1870 (SIZE), RFC 2920
(PIPELINING), RFC 2034 (ENHANCEDSTATUSCODES), RFC 6152 (8BITMIME).
"""

from collections.abc import Callable
from typing import Final

from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.authentication import Credentials
from mailbox_operator.gateway.commands import go_on, run
from mailbox_operator.gateway.content import Content
from mailbox_operator.gateway.lines import Lines
from mailbox_operator.gateway.session import Begin, Event, Session, Terms, Turn

MOST_WRONG_LOGINS: Final = 3
"""Of one connection; RFC 4954 section 9 asks for such a limit."""


class Dialogue:
    """One connection.

    Args:
        terms: What the application may do.
        is_secure: Whether TLS protects it from the beginning.
        refused: Called with each refusal of the protocol's own.
    """

    __slots__ = ("_lines", "_session")

    def __init__(
        self, terms: Terms, *, is_secure: bool, refused: Callable[[Situation], None]
    ) -> None:
        self._session = Session(terms, is_secure, refused)
        self._lines = Lines()

    @property
    def is_secure(self) -> bool:
        """Say whether TLS protects it."""
        return self._session.is_secure

    @property
    def is_logged_in(self) -> bool:
        """Say whether a login was accepted."""
        return self._session.is_logged_in

    @property
    def is_waiting(self) -> bool:
        """Say whether an event waits for its reply."""
        return self._session.pending is not None

    @property
    def is_receiving(self) -> bool:
        """Say whether a message is coming in."""
        content = self._session.content
        return content is not None and not content.is_complete

    @property
    def is_idle(self) -> bool:
        """Say whether no message is under way, from MAIL to its reply."""
        return self._session.sender is None and self._session.pending is None

    @property
    def held(self) -> int:
        """Bytes of a message in memory."""
        content = self._session.content
        return content.held if content is not None else 0

    def greet(self) -> None:
        """Say the first words."""
        self._session.outgoing += f"220 {self._session.terms.host} ESMTP\r\n".encode()

    def take_outgoing(self) -> bytes:
        """Return what has to be written now."""
        outgoing = bytes(self._session.outgoing)
        self._session.outgoing.clear()
        return outgoing

    def receive(self, data: bytes) -> None:
        """Take bytes in."""
        session = self._session
        if session.is_over:
            return
        content = session.content
        rest = content.feed(data) if content is not None and not content.is_complete else data
        self._lines.receive(rest)

    def discard(self) -> None:
        """Keep nothing of the message that is coming in: there is no room for it."""
        if self._session.content is not None:
            self._session.content.discard(Situation.NO_ROOM)

    def step(self) -> Event:
        """Take one step."""
        session = self._session
        if session.is_over:
            return Turn.END
        if session.pending is not None or session.is_upgrading:
            return Turn.WAIT
        if session.content is not None:
            return self._complete(session.content)
        return self._read_line()

    def reply(self, given: Answer) -> Turn:
        """Answer the event that waits for it."""
        session = self._session
        event, session.pending = session.pending, None
        match event:
            case Credentials():
                session.is_logged_in = given.is_yes
                session.wrong_logins += given == ANSWERS[Situation.LOGIN_WRONG]
                if session.wrong_logins >= MOST_WRONG_LOGINS:
                    session.refused(Situation.TOO_MANY_LOGINS)
                    given = ANSWERS[Situation.TOO_MANY_LOGINS]
            case Begin(sender=sender) if given.is_yes:
                session.sender = sender
            case _:
                session.forget_message()
        session.errors = 0 if given.is_yes else session.errors
        return session.say(given)

    def secured(self) -> None:
        """Go on under TLS; all that was said before is forgotten (RFC 3207 section 4.2)."""
        before = self._session
        self._session = Session(before.terms, is_secure=True, refused=before.refused)
        self._lines.clear()

    def close(self, situation: Situation) -> None:
        """Say why the connection ends, unless the last words are said."""
        if not self._session.is_over:
            self._session.refuse(situation)

    def _read_line(self) -> Event:
        session = self._session
        line = self._lines.next(is_login=session.exchange is not None)
        if line is None:
            return Turn.WAIT
        exchange, session.exchange = session.exchange, None
        text = _readable(line)
        if isinstance(text, Situation):
            return session.refuse(text)
        if exchange is not None:
            return go_on(session, exchange.replied(text))
        event = run(session, text)
        if session.content is not None:
            self._lines.receive(session.content.feed(self._lines.take()))
        return event

    def _complete(self, content: Content) -> Event:
        """Hand the message on that has come in, or refuse it."""
        session = self._session
        if not content.is_complete:
            return Turn.WAIT
        taken = content.take()
        if isinstance(taken, Situation):
            session.forget_message()
            return session.refuse(taken, most=session.terms.most_bytes)
        assert session.sender is not None
        session.pending = Message(session.sender, tuple(session.recipients), taken)
        return session.pending


def _readable(line: bytes | Situation) -> str | Situation:
    """Decode a line of printable ASCII."""
    if isinstance(line, Situation):
        return line
    if not line.isascii():
        of_address = line[:5].upper() in {b"MAIL ", b"RCPT "}
        return Situation.ADDRESS_NOT_ASCII if of_address else Situation.LINE_UNREADABLE
    text = line.decode("ascii")
    return text if text.isprintable() else Situation.LINE_UNREADABLE
