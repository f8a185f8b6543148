"""The commands of SMTP, one function each: what is refused, what is answered, what is asked.

Source: RFC 5321 section 4.1; RFC 6409; RFC 3207; RFC 4954; RFC 1870.
"""

from collections.abc import Callable, Mapping
from typing import Final

from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation
from mailbox_operator.gateway.authentication import Credentials, Exchange, begin
from mailbox_operator.gateway.content import Content
from mailbox_operator.gateway.envelope import Mistake, read_recipient, read_sender
from mailbox_operator.gateway.session import Begin, Event, Session, Turn

Command = Callable[[Session, str], Event]


def run(session: Session, text: str) -> Event:
    """Run the command in a line of printable ASCII."""
    word, _, argument = text.partition(" ")
    command = COMMANDS.get(word.upper())
    if command is None:
        return session.refuse(Situation.UNKNOWN_COMMAND)
    if not session.is_secure and command not in IN_PLAIN_TEXT:
        return session.refuse(Situation.NO_TLS)
    return command(session, argument.strip(" "))


def go_on(session: Session, step: Exchange | Credentials | Situation) -> Event:
    """Go on with a login: ask the next question, refuse it, or have the credentials judged."""
    match step:
        case Exchange():
            session.exchange = step
            session.outgoing += step.challenge
            return Turn.ON
        case Credentials():
            session.pending = step
            return step
        case _:
            return session.refuse(step)


def _hello(session: Session, argument: str) -> Event:
    if not argument:
        return session.refuse(Situation.ARGUMENT_WRONG, form="EHLO name")
    session.has_greeted = True
    session.forget_message()
    last = "AUTH PLAIN LOGIN" if session.is_secure else "STARTTLS"
    size = f"SIZE {session.terms.most_bytes}"
    lines = (session.terms.host, size, "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")
    session.outgoing += "".join(f"250-{line}\r\n" for line in lines).encode()
    session.outgoing += f"250 {last}\r\n".encode()
    return Turn.ON


def _old_hello(session: Session, argument: str) -> Event:
    """Greet one who knows no extensions, so cannot log in either."""
    if not argument:
        return session.refuse(Situation.ARGUMENT_WRONG, form="HELO name")
    session.forget_message()
    return session.say(Answer(250, "", session.terms.host))


def _start_tls(session: Session, argument: str) -> Event:
    if argument:
        return session.refuse(Situation.ARGUMENT_WRONG, form="STARTTLS")
    if session.is_secure:
        return session.refuse(Situation.WRONG_ORDER, problem="TLS has begun already")
    session.say(ANSWERS[Situation.TLS_READY])
    session.is_upgrading = True
    return Turn.UPGRADE


def _authenticate(session: Session, argument: str) -> Event:
    if not session.is_secure:
        return session.refuse(Situation.LOGIN_WITHOUT_TLS)
    if not session.has_greeted:
        return session.refuse(Situation.WRONG_ORDER, problem="EHLO comes first")
    if session.is_logged_in:
        return session.refuse(Situation.WRONG_ORDER, problem="you are logged in already")
    return go_on(session, begin(argument))


def _mail(session: Session, argument: str) -> Event:
    if not session.is_logged_in:
        return session.refuse(Situation.NO_LOGIN)
    if session.sender is not None:
        return session.refuse(
            Situation.WRONG_ORDER, problem="a message is under way, RSET drops it"
        )
    read = read_sender(argument)
    if isinstance(read, Mistake):
        return session.refuse(read.situation, **read.facts)
    if not read.address:
        return session.refuse(Situation.NO_SENDER_ADDRESS)
    if read.size > session.terms.most_bytes:
        return session.refuse(Situation.TOO_LARGE, most=session.terms.most_bytes)
    session.pending = Begin(read.address, read.size)
    return session.pending


def _recipient(session: Session, argument: str) -> Event:
    if session.sender is None:
        return session.refuse(Situation.WRONG_ORDER, problem="MAIL FROM comes first")
    read = read_recipient(argument)
    if isinstance(read, Mistake):
        return session.refuse(read.situation, **read.facts)
    most = session.terms.most_recipients
    if len(session.recipients) >= most and read.address not in session.recipients:
        return session.refuse(Situation.TOO_MANY_RECIPIENTS, most=most)
    session.recipients[read.address] = None
    return session.say(ANSWERS[Situation.RECIPIENT_TAKEN])


def _data(session: Session, argument: str) -> Event:
    if argument:
        return session.refuse(Situation.ARGUMENT_WRONG, form="DATA")
    if not session.recipients:
        return session.refuse(Situation.WRONG_ORDER, problem="RCPT TO comes first")
    session.content = Content(session.terms.most_bytes)
    return session.say(ANSWERS[Situation.MESSAGE_EXPECTED])


def _reset(session: Session, argument: str) -> Event:
    if argument:
        return session.refuse(Situation.ARGUMENT_WRONG, form="RSET")
    session.forget_message()
    return session.say(ANSWERS[Situation.DONE])


def _quit(session: Session, argument: str) -> Event:
    if argument:
        return session.refuse(Situation.ARGUMENT_WRONG, form="QUIT")
    return session.say(ANSWERS[Situation.GOODBYE])


def _saying(situation: Situation) -> Command:
    return lambda session, _: session.say(ANSWERS[situation])


_noop: Final = _saying(Situation.DONE)

COMMANDS: Final[Mapping[str, Command]] = {
    "EHLO": _hello,
    "HELO": _old_hello,
    "STARTTLS": _start_tls,
    "AUTH": _authenticate,
    "MAIL": _mail,
    "RCPT": _recipient,
    "DATA": _data,
    "RSET": _reset,
    "NOOP": _noop,
    "VRFY": _saying(Situation.CANNOT_VERIFY),
    "HELP": _saying(Situation.HELP),
    "QUIT": _quit,
}
IN_PLAIN_TEXT: Final = frozenset({_hello, _old_hello, _start_tls, _authenticate, _noop, _quit})
"""What is answered before TLS (RFC 3207 section 4); AUTH has a refusal of its own."""
