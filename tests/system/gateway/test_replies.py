"""Each row of the table of replies is what an application reads from a socket."""

import base64
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.limits import Limits
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.sender import Sending, UnreadableSender
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_reply import Stage
from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation
from mailbox_operator.decide.sending.breaker import REFUSALS
from mailbox_operator.decide.sending.claims import ledger_of_address
from mailbox_operator.decide.sending.delivery import InDoubt, NotSent, Outcome, Refused, Route
from mailbox_operator.decide.sending.kept import Kept
from mailbox_operator.decide.sending.ledger import Ledger, number_of
from mailbox_operator.decide.sending.login import password_of
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.rotation import Candidate, Candidates
from mailbox_operator.decide.sending.vouching import MOST_HOPS
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.words import Choose, FromHeader
from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.gateway.ports import Submission
from mailbox_operator.gateway.session import MOST_ERRORS, Terms
from system.gateway.gates import Gate, Gateway, gateway
from system.gateway.wires import Wire
from unit.gateway.stores import Store
from unit.gateway.worlds import JANE, KEY, NOREPLY, SHOP, World, status
from unit.make import INVALID, METADATA, NOON

UNREADABLE: Final = UnreadableSender(**METADATA, key=SHOP.key, problem=INVALID)
USER: Final = f"{SHOP.key.namespace}.{SHOP.key.name}"


def auth(password: str = password_of(KEY, SHOP.uid, 0)) -> bytes:
    """Log in as the Sender."""
    return b"AUTH PLAIN %b\r\n" % base64.b64encode(f"\0{USER}\0{password}".encode())


EHLO: Final = b"EHLO app\r\n"
LOGIN: Final = EHLO + auth()
MAIL: Final = LOGIN + b"MAIL FROM:<%b>\r\n" % JANE.encode()
RECIPIENT: Final = "joe@other.example"
RCPT: Final = MAIL + b"RCPT TO:<%b>\r\n" % RECIPIENT.encode()


def message(header: str = f"From: {JANE}\r\n", text: bytes = b"hello") -> bytes:
    """Send a message."""
    return RCPT + b"DATA\r\n" + header.encode() + b"\r\n" + text + b"\r\n.\r\n"


class Failing(World):
    """A world whose provider brings a bug to light."""

    async def send(self, route: Route, message: Message) -> Outcome:
        """Fail."""
        raise RuntimeError("a bug")


class Real(Gate):
    """The gate of a world."""

    def __init__(self, world: World) -> None:
        Gate.__init__(self)
        self._gate = world.gate

    def authenticate(self, username: str, password: str, source: str) -> Submission | Answer:
        """Ask the gate."""
        return self._gate.authenticate(username, password, source)


async def nothing(_: Gateway) -> None:
    """Leave the gateway as it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """How an application comes to a reply.

    Attributes:
        said: By the application, after it connected.
        world: What the gate meets.
        plain: Whether it is said without TLS.
        terms, bounds, memory: Of the gateway.
        then: What happens after it was said.
    """

    said: bytes = b""
    world: Callable[[], World] = World
    plain: bool = False
    terms: Terms = field(default_factory=lambda: Terms("gateway.test"))
    bounds: Bounds = field(default_factory=Bounds)
    memory: int = 256 * 1024 * 1024
    then: Callable[[Gateway], Awaitable[None]] = nothing


def met(**fields: Any) -> Callable[[], World]:
    """Make worlds of a kind."""
    return lambda: World(**fields)


def standing(state: Standing, reason: Reason) -> Callable[[], World]:
    """Make worlds with a Mailbox in a state."""
    return met(mailboxes=[replace(NOREPLY, status=status(state, reason))])


def not_sent(trouble: Fault | Postponed) -> Callable[[], World]:
    """Make worlds with a provider that is not given the message."""
    return met(outcome=NotSent(trouble))


def sharing(*mailboxes: ReadableMailbox) -> Callable[[], World]:
    """Make worlds in which the recipient decides which Mailbox sends, and each writes as itself."""
    asked = Sending((), (), choose=Choose.BY_RECIPIENT, from_header=FromHeader.REWRITE)
    return met(senders=[replace(SHOP, spec=asked)], mailboxes=[*mailboxes])


def limited(taken: int = 0, fails: Sequence[str] = ()) -> Callable[[], World]:
    """Make worlds with a Mailbox that may send to one recipient a day.

    Args:
        taken: How many it has sent to.
        fails: Ways in which its ledger is not at hand.
    """
    asked = replace(NOREPLY, spec=replace(NOREPLY.spec, sending=Limits(per_day=1)))
    name, counted = ledger_of_address(JANE), {number_of(NOON): taken} if taken else {}
    kept = {name: Kept(Ledger(counted), "1")}
    return lambda: World(mailboxes=[asked], ledgers=Store(dict(kept), fails=[*fails]))


def first_is_away() -> World:
    """Make a world in which the recipient's own Mailbox is not connected, and another one is."""
    names = ("amy", "bob")
    own = next(Candidates.of(Candidate(name, 1) for name in names).ranked(RECIPIENT))
    away = status(Standing.WAITING, Reason.GRANT_REVOKED)
    boxes = (replace(NOREPLY, key=replace(NOREPLY.key, name=name)) for name in names)
    return sharing(
        *(replace(each, status=away) if each.key.name == own else each for each in boxes)
    )()


async def stop(running: Gateway) -> None:
    """End the gateway."""
    await running.listener.stop()


ROWS: Final[Mapping[Situation, Row]] = {
    Situation.LOGGED_IN: Row(LOGIN),
    Situation.SENDER_TAKEN: Row(MAIL),
    Situation.RECIPIENT_TAKEN: Row(RCPT),
    Situation.MESSAGE_EXPECTED: Row(RCPT + b"DATA\r\n"),
    Situation.DONE: Row(b"NOOP\r\n"),
    Situation.CANNOT_VERIFY: Row(LOGIN + b"VRFY joe\r\n"),
    Situation.HELP: Row(LOGIN + b"HELP\r\n"),
    Situation.TLS_READY: Row(EHLO + b"STARTTLS\r\n", plain=True),
    Situation.GOODBYE: Row(b"QUIT\r\n"),
    Situation.LOGIN_WRONG: Row(EHLO + auth("wrong")),
    Situation.LOGINS_UNKNOWN_YET: Row(LOGIN, met(is_complete=False)),
    Situation.LOGIN_WITHOUT_TLS: Row(LOGIN, plain=True),
    Situation.NO_TLS: Row(EHLO + b"MAIL FROM:<a@b.example>\r\n", plain=True),
    Situation.NO_LOGIN: Row(EHLO + b"MAIL FROM:<a@b.example>\r\n"),
    Situation.TOO_MANY_LOGINS: Row(EHLO + auth("wrong") * 3),
    Situation.LOGIN_CANCELLED: Row(EHLO + b"AUTH LOGIN\r\n*\r\n"),
    Situation.MECHANISM_UNKNOWN: Row(EHLO + b"AUTH CRAM-MD5\r\n"),
    Situation.LOGIN_UNREADABLE: Row(EHLO + b"AUTH PLAIN !\r\n"),
    Situation.FOREIGN_SENDER: Row(LOGIN + b"MAIL FROM:<ceo@acme.example>\r\n"),
    Situation.NO_SENDER_ADDRESS: Row(LOGIN + b"MAIL FROM:<>\r\n"),
    Situation.FOREIGN_FROM: Row(message("From: ceo@acme.example\r\n")),
    Situation.FROM_UNREADABLE: Row(message("Subject: no From\r\n")),
    Situation.CANNOT_REWRITE: Row(
        message(f"From: {JANE}\r\nDKIM-Signature: v=1\r\n"), sharing(NOREPLY)
    ),
    Situation.LOOP: Row(message(f"From: {JANE}\r\n" + "Received: by x\r\n" * (MOST_HOPS + 1))),
    Situation.NUL_IN_MESSAGE: Row(message(text=b"\0")),
    Situation.NO_MAILBOX: Row(MAIL, sharing()),
    Situation.FOLLOW_UP_WAITS: Row(
        message(f"From: {JANE}\r\nReferences: <1@acme.example>\r\n"), first_is_away
    ),
    Situation.NOT_CONNECTED: Row(MAIL, standing(Standing.WAITING, Reason.GRANT_REVOKED)),
    Situation.RECONNECTING: Row(MAIL, standing(Standing.RETRYING, Reason.PROVIDER_UNAVAILABLE)),
    Situation.SUSPENDED: Row(
        MAIL, met(senders=[replace(SHOP, spec=replace(SHOP.spec, suspend=True))])
    ),
    Situation.SENDER_INVALID: Row(LOGIN, met(senders=[UNREADABLE])),
    Situation.LIMIT_REACHED: Row(MAIL, standing(Standing.RETRYING, Reason.SENDING_LIMIT_REACHED)),
    Situation.OWN_LIMIT_REACHED: Row(message(), limited(taken=1)),
    Situation.ABOVE_LIMIT: Row(
        RCPT + b"RCPT TO:<ann@other.example>\r\n" + message().removeprefix(RCPT), limited()
    ),
    Situation.UNCOUNTED: Row(message(), limited(fails=["away"])),
    Situation.SENDER_PAUSED: Row(
        message() + message().removeprefix(LOGIN) * REFUSALS,
        met(outcome=Refused(Answer(550, "5.1.1", "no such user"), Stage.RCPT)),
    ),
    Situation.PROVIDER_REFUSED_LOGIN: Row(message(), not_sent(Fault(Reason.INVALID_CREDENTIALS))),
    Situation.PROVIDER_UNREACHABLE: Row(message(), not_sent(Fault(Reason.PROVIDER_UNAVAILABLE))),
    Situation.BUSY: Row(message(), not_sent(Postponed("others are sent"))),
    Situation.IN_DOUBT: Row(message(), met(outcome=InDoubt("lost"))),
    Situation.UNEXPECTED: Row(message(), Failing),
    Situation.TOO_LARGE: Row(
        LOGIN + b"MAIL FROM:<a@b.example> SIZE=1001\r\n", terms=Terms("g", 1_000)
    ),
    Situation.NO_ROOM: Row(LOGIN + b"MAIL FROM:<a@b.example> SIZE=900\r\n", memory=1_000),
    Situation.TOO_MANY_RECIPIENTS: Row(
        RCPT + b"RCPT TO:<jim@other.example>\r\n", terms=Terms("g", most_recipients=1)
    ),
    Situation.UNKNOWN_COMMAND: Row(b"TURN\r\n"),
    Situation.LINE_TOO_LONG: Row(b"NOOP %b\r\n" % (b"x" * 3_000)),
    Situation.LOGIN_TOO_LONG: Row(EHLO + b"AUTH PLAIN %b\r\n" % (b"x" * 13_000)),
    Situation.LINE_UNREADABLE: Row(b"NOOP \x01\r\n"),
    Situation.ARGUMENT_WRONG: Row(b"EHLO\r\n"),
    Situation.PARAMETER_UNKNOWN: Row(LOGIN + b"MAIL FROM:<a@b.example> RET=FULL\r\n"),
    Situation.ADDRESS_WRONG: Row(LOGIN + b"MAIL FROM:<jane>\r\n"),
    Situation.ADDRESS_NOT_ASCII: Row(LOGIN + "MAIL FROM:<jäne@b.example>\r\n".encode()),
    Situation.WRONG_ORDER: Row(LOGIN + b"DATA\r\n"),
    Situation.TOO_MANY_ERRORS: Row(b"TURN\r\n" * (MOST_ERRORS + 1)),
    Situation.TOO_MANY_CONNECTIONS: Row(plain=True, bounds=Bounds(connections_each=0)),
    Situation.TOO_SLOW: Row(EHLO, bounds=Bounds(command_seconds=0.2)),
    Situation.SHUTTING_DOWN: Row(plain=True, then=stop),
}

OF_A_SENDER: Final = frozenset(
    {
        *(Situation.FOREIGN_SENDER, Situation.FOREIGN_FROM, Situation.FROM_UNREADABLE),
        *(Situation.LOOP, Situation.NOT_CONNECTED, Situation.RECONNECTING, Situation.SUSPENDED),
        *(Situation.LIMIT_REACHED, Situation.SENDER_PAUSED, Situation.PROVIDER_REFUSED_LOGIN),
        *(Situation.PROVIDER_UNREACHABLE, Situation.BUSY, Situation.IN_DOUBT),
        *(Situation.OWN_LIMIT_REACHED, Situation.ABOVE_LIMIT, Situation.UNCOUNTED),
        *(Situation.CANNOT_REWRITE, Situation.NO_MAILBOX, Situation.FOLLOW_UP_WAITS),
    }
)
"""What messages meet is counted with their Sender."""


def read_as(situation: Situation) -> re.Pattern[str]:
    """Write a row of the table as a pattern, with any words in its braces."""
    row = ANSWERS[situation]
    words = re.sub(r"\\{\w+\\}", ".+", re.escape(row.text))
    return re.compile(f"{row.code}[ -]{row.enhanced + ' ' if row.enhanced else ''}{words}")


@pytest.mark.parametrize("situation", ROWS)
async def test_an_application_reads_the_reply_and_it_is_counted(situation: Situation) -> None:
    row = ROWS[situation]
    async with gateway(Real(row.world()), row.bounds, row.terms, row.memory) as running:
        wire = await (Wire.plain if row.plain else Wire.secure)(running)
        wire.send(row.said)
        await row.then(running)

        lines = []
        while line := await wire.line():
            lines.append(line)
            if read_as(situation).fullmatch(line):
                is_refusal = not ANSWERS[situation].is_yes and situation not in OF_A_SENDER
                assert (situation in running.gate.refusals) is is_refusal
                return

    pytest.fail(f"not among {lines}")


def test_there_is_an_application_for_each_row_of_the_table() -> None:
    assert set(ROWS) == set(Situation)
