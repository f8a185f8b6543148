"""One message, on one screen: who sends it, as whom, by which way, and what the application is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sender, UnreadableSender
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.sending.answers import Answer, Situation, answer
from mailbox_operator.decide.sending.breaker import Breaker
from mailbox_operator.decide.sending.delivery import (
    InDoubt,
    NotSent,
    Outcome,
    Refused,
    Route,
    Taken,
)
from mailbox_operator.decide.sending.headers import HeaderProblem, read_header
from mailbox_operator.decide.sending.login import is_password, parse_user_name
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.permission import about, permitted
from mailbox_operator.decide.texts.addresses import is_same_mailbox
from mailbox_operator.gateway.ports import Directory, Keys, Reports, Sendings, Submission, WayOut

MOST_HOPS: Final = 25
"""Fields Received of a message that is not in a loop (RFC 5321 section 6.3 leaves the number open)."""

PERMANENT: Final = 500
NOBODY: Final = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets applications in by the login of their Sender, and messages out by a Mailbox of it.

    Attributes:
        directory: The Senders and Mailboxes there are.
        keys: Those that passwords are derived with.
        reports: Tells the operator what a message taught about its Mailbox.
        sendings: Counts what becomes of messages.
        breaker: Pauses Senders that are refused again and again.
    """

    directory: Directory
    keys: Keys
    way_out: WayOut
    reports: Reports
    sendings: Sendings
    monotonic: Callable[[], float]
    breaker: Breaker = field(default_factory=Breaker)

    def authenticate(self, username: str, password: str, source: str) -> Submission | Answer:  # noqa: ARG002 - the listener limits sources
        """Say what a login may do; an unknown one costs the same time as a wrong password."""
        keys, name = self.keys.keys(), parse_user_name(username)
        if not keys or not self.directory.is_complete:
            return answer(Situation.LOGINS_UNKNOWN_YET)
        sender = self.directory.sender(name.namespace, name.sender) if name else None
        match sender:
            case ReadableSender() as found:
                uid, revision = found.uid, found.spec.revision
            case UnreadableSender() as found:
                return about(Situation.SENDER_INVALID, found.key)
            case None:
                uid, revision = NOBODY, 1
            case _:
                assert_never(sender)
        if not is_password(keys, uid, revision, password) or sender is None:
            return answer(Situation.LOGIN_WRONG)
        return Pass(self, sender.key, sender.uid, password)

    async def look_again(self) -> bool:
        """Learn what may have changed a moment ago: keys by reading, Senders by their watch."""
        return await self.keys.look_again()


@dataclass(slots=True)
class Pass:
    """What the login of one Sender may do, as long as that Sender is there and the password is its."""

    gate: Gate
    sender: Key
    uid: str
    password: str = field(repr=False)
    _accepted_by: tuple[Sequence[bytes], int] | None = field(default=None, repr=False)

    def begin(self, address: str) -> Answer | None:
        """Say why this address cannot send now; None if it can."""
        permit = self._permit(address)
        if not isinstance(permit, Answer):
            return None
        self.gate.sendings.turned_away(self.sender, permit)
        return permit

    async def accept(self, message: Message) -> Answer:
        """Send a message, and say what came of it."""
        began = self.gate.monotonic()
        mailbox = self._permit(message.sender)
        if isinstance(mailbox, Answer):
            return self._turned_away(mailbox)
        doubt = vouched(message.content, mailbox.address)
        if doubt is not None:
            return self._turned_away(doubt)
        try:
            route = Route(self.gate.directory.case(mailbox))
        except Fault as fault:
            refusal = about(Situation.NOT_CONNECTED, mailbox.key, reason=fault.reason)
            return self._turned_away(refusal)
        with self.gate.sendings.sending(self.sender, route):
            outcome = await self.gate.way_out.send(route, message)
            told = told_of(outcome, mailbox.key)
            self._learn(outcome, mailbox)
            seconds = self.gate.monotonic() - began
            self.gate.sendings.ended(self.sender, outcome, told, message.size, seconds)
        return told

    def _permit(self, address: str) -> ReadableMailbox | Answer:
        directory, now = self.gate.directory, self.gate.monotonic()
        sender = directory.sender(self.sender.namespace, self.sender.name)
        if sender is None or sender.uid != self.uid or self._is_outdated(sender):
            return answer(Situation.LOGIN_WRONG)
        if self.gate.breaker.pause(self.uid, now):
            return about(Situation.SENDER_PAUSED, self.sender)
        return permitted(
            sender, address, lambda name: directory.mailbox(self.sender.namespace, name)
        )

    def _is_outdated(self, sender: Sender) -> bool:
        """Say whether the password was replaced twice, or its key removed, since the login."""
        if isinstance(sender, UnreadableSender):
            return False
        keys, revision = self.gate.keys.keys(), sender.spec.revision
        if (keys, revision) == self._accepted_by:  # nothing changed since it was compared
            return False
        is_right = is_password(keys, self.uid, revision, self.password)
        self._accepted_by = (keys, revision) if is_right else None
        return not is_right

    def _turned_away(self, refusal: Answer) -> Answer:
        self.gate.sendings.turned_away(self.sender, refusal)
        return refusal

    def _learn(self, outcome: Outcome, mailbox: ReadableMailbox) -> None:
        """Learn from an outcome: what it says of the Mailbox, or of the Sender."""
        reports, breaker = self.gate.reports, self.gate.breaker
        match outcome:
            case Taken():
                breaker.taken(self.uid)
                reports.sent(mailbox)
            case Refused(trouble=Fault() as fault):
                reports.troubled(mailbox, fault)
            case Refused(answer=refusal) if refusal.code >= PERMANENT:
                breaker.refused(self.uid, self.gate.monotonic())
            case NotSent(trouble=Fault() as fault):
                reports.troubled(mailbox, fault)
            case Refused() | NotSent() | InDoubt():
                pass
            case _:
                assert_never(outcome)


def vouched(content: bytes, address: str) -> Answer | None:
    """Say why a message's header cannot be sent as from that address; None if it can."""
    match read_header(content):
        case HeaderProblem() as problem:
            return answer(Situation.FROM_UNREADABLE, problem=problem.value)
        case header if not is_same_mailbox(header.author, address):
            return answer(Situation.FOREIGN_FROM, address=address)
        case header if header.hops > MOST_HOPS:
            return answer(Situation.LOOP, most=MOST_HOPS)
        case _:
            return None


def told_of(outcome: Outcome, mailbox: Key) -> Answer:
    """Say what an application is told: the provider's own reply, wherever there is one."""
    match outcome:
        case Taken(answer=said) | Refused(answer=said):
            return said
        case NotSent(trouble=trouble):
            return not_sent(trouble, mailbox)
        case InDoubt():
            return answer(Situation.IN_DOUBT)
        case _:
            assert_never(outcome)


def not_sent(trouble: Fault | Postponed, mailbox: Key) -> Answer:
    """Say why the provider was not given a message."""
    if isinstance(trouble, Postponed):
        return about(Situation.BUSY, mailbox)
    needs_person = RULES[trouble.reason].retry is Retry.PERSON
    refused, away = Situation.PROVIDER_REFUSED_LOGIN, Situation.PROVIDER_UNREACHABLE
    return about(refused if needs_person else away, mailbox, reason=trouble.reason)
