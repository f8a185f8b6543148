"""A way out that leads to one scripted server, and messages for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Final

from lab.attempts import until
from lab.servers.authority import Authority
from lab.servers.smtp import SmtpServer
from mailbox_operator.connect.ports import open_gate
from mailbox_operator.connect.sending.opening import Opener
from mailbox_operator.connect.sending.warm import WarmSession
from mailbox_operator.connect.sending.wayout import SmtpWayOut
from mailbox_operator.connect.sending.ways import Way
from mailbox_operator.connect.smtp.credentials import Credential
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.connect.smtp.signin import SignIn
from mailbox_operator.connect.smtp.transaction import DeliveryTimeouts
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.sending.delivery import Outcome, Route
from mailbox_operator.decide.sending.message import Message
from system.connect.cases import JANE, JANES, case, smtp, target

BOB: Final = "bob@elsewhere.example"
ANN: Final = "ann@elsewhere.example"
CONTENT: Final = b"From: jane@acme.example\r\nSubject: hello\r\n\r\n.dot\r\n..dots\r\nend\r\n"
MESSAGE: Final = Message(JANE, (BOB,), CONTENT)
QUICK: Final = DeliveryTimeouts(block_seconds=5, final_seconds=1)


def message(content: bytes = CONTENT, *recipients: str) -> Message:
    """Make a message of Jane's, to Bob unless others are named."""
    return Message(JANE, recipients or (BOB,), content)


@dataclass(slots=True)
class OneWay:
    """Leads to one server, whatever the Mailbox; the version is the case's.

    Attributes:
        sessions: How many of each Mailbox.
    """

    target: Target
    credential: Credential = JANES
    explain: Callable[[Fault], Fault] = field(default=lambda fault: fault)
    sessions: int = 1

    def way(self, case: Case) -> Way:
        """Choose it."""

        async def find() -> SignIn:
            return SignIn([self.target], self.credential, lambda: open_gate, self.explain)

        return Way(("mailbox", case.mailbox.uid), (case.version,), find, self.sessions)


@dataclass(slots=True)
class NotingOpener(Opener):
    """Opens sessions, and keeps in mind which."""

    made: list[WarmSession] = field(default_factory=list)

    async def open(self, way: Way, sender: str) -> WarmSession:
        """Open one."""
        session = await super(NotingOpener, self).open(way, sender)
        self.made.append(session)
        return session


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@dataclass(slots=True)
class Out:
    """A way out, and the server that it leads to."""

    server: SmtpServer
    way_out: SmtpWayOut
    accesses: OneWay
    opener: NotingOpener

    async def hear_unasked(self, line: bytes) -> None:
        """Have the server say something that nobody asked for, until it has arrived."""
        self.server.speak_unasked(line)
        await until(lambda: self.opener.made[-1].opened.client.has_unread)

    async def send(self, sent: Message = MESSAGE, **mailbox: Any) -> Outcome:
        """Send a message of Jane's mailbox, or of another."""
        return await self.way_out.send(Route(case(**mailbox)), sent)

    def behave(self, **changes: Any) -> None:
        """Have the server do something else from now on."""
        self.server.behaviour = replace(self.server.behaviour, **changes)


@asynccontextmanager
async def way_out(
    server: SmtpServer, authority: Authority, seconds: float = 5, **options: Any
) -> AsyncIterator[Out]:
    """Build a way out to a server, and close it when the block ends."""
    accesses = OneWay(target(server, authority))
    clock = options.pop("monotonic", monotonic)
    options = {"timeouts": QUICK} | options
    opener = NotingOpener(smtp(seconds=seconds), clock)
    made = SmtpWayOut(opener, accesses, clock, **options)
    try:
        yield Out(server, made, accesses, opener)
    finally:
        await made.close()
