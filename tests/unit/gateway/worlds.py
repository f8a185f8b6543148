"""What a gate meets: a cluster, a provider, and those who take notes."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sender, Sending
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.choice import Pool
from mailbox_operator.decide.sending.delivery import (
    Outcome,
    Route,
    Taken,
)
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.rotation import Candidate, Candidates
from mailbox_operator.decide.status.conditions import Standing, Status, Verdict, conditions
from mailbox_operator.decide.words import Kind
from mailbox_operator.gateway.gate import Gate
from mailbox_operator.gateway.quota import Quota
from unit.gateway.stores import Store
from unit.make import EMPTY, NOON, mailbox, sender

KEY: Final = b"k" * 32
OLD_KEY: Final = b"o" * 32
JANE: Final = "jane@acme.example"
SOURCE: Final = "10.0.0.1"
OK: Final = Taken(Answer(250, "2.0.0", "queued as 7"))


def status(standing: Standing, reason: Reason, generation: int = 1) -> Status:
    verdict = Verdict(standing, reason, "text")
    written = conditions(verdict, generation, EMPTY, NOON, connects=True)
    return Status(observed_generation=generation, conditions=written)


CONNECTED: Final = status(Standing.CONNECTED, Reason.CONNECTED)
NOREPLY: Final = mailbox(status=CONNECTED)
SHOP: Final = sender(Sending((NOREPLY.key.name,)))


@dataclass
class World:
    """A cluster, a provider, and those who take notes."""

    senders: list[Sender] = field(default_factory=lambda: [SHOP])
    mailboxes: list[Mailbox] = field(default_factory=lambda: [NOREPLY])
    keys: tuple[bytes, ...] = (KEY,)
    is_complete: bool = True
    closed_to: Fault | None = None
    outcome: Outcome = OK
    sent: list[tuple[Route, Message]] = field(default_factory=list)
    notes: list[tuple[str, object]] = field(default_factory=list)
    seconds: float = 1000.0
    now: datetime = NOON
    ledgers: Store = field(default_factory=Store)

    def sender(self, key: Key) -> Sender | None:
        return next((each for each in self.senders if each.key == key), None)

    def pool(self, sender: ReadableSender) -> Pool:
        return KnownPool(self, sender)

    def case(self, mailbox: ReadableMailbox) -> Case:
        if self.closed_to:
            raise self.closed_to
        return Case(mailbox, None, "v1")

    async def send(self, route: Route, message: Message) -> Outcome:
        self.sent.append((route, message))
        return self.outcome

    def troubled(self, mailbox: ReadableMailbox, fault: Fault) -> None:
        self.notes.append(("troubled", fault.reason))

    def turned_away(self, sender: Key, refusal: Answer) -> None:
        self.notes.append(("turned away", refusal.code))

    def sending(self, sender: Key, route: Route) -> AbstractContextManager[None]:
        return nullcontext()

    def ended(self, sender: Key, outcome: Outcome, told: Answer, size: int, seconds: float) -> None:
        self.notes.append(("ended", type(outcome)))

    @property
    def gate(self) -> Gate:
        now, seconds = (lambda: self.now), (lambda: self.seconds)
        quota = Quota(self.ledgers, now, seconds)
        return Gate(self, Keys(self), self, Reports(self), self, seconds, now, quota)


@dataclass
class KnownPool:
    """Looks through all Mailboxes of a Sender's namespace, one by one."""

    world: World
    sender: ReadableSender

    def find(self, name: str) -> Mailbox | None:
        key = replace(self.sender.key, kind=Kind.MAILBOX, name=name)
        return next((each for each in self.world.mailboxes if each.key == key), None)

    def at(self, address: str) -> Sequence[str]:
        return self.sender.spec.names or self.candidates().names

    def candidates(self) -> Candidates:
        admitted = (each for each in self.world.mailboxes if self.sender.admits(each))
        return Candidates.of(Candidate(each.key.name, 1.0) for each in admitted)


@dataclass
class Keys:
    world: World

    def keys(self) -> tuple[bytes, ...]:
        return self.world.keys

    async def look_again(self) -> bool:
        self.world.notes.append(("looked again", ""))
        return True


@dataclass
class Reports:
    world: World

    def sent(self, mailbox: ReadableMailbox) -> None:
        self.world.notes.append(("sent", mailbox.key))

    def troubled(self, mailbox: ReadableMailbox, fault: Fault) -> None:
        self.world.troubled(mailbox, fault)
