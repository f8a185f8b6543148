"""One message, on one screen: who sends it, as whom, by which way, and what the application is told."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, assert_never

from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sender, UnreadableSender
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.sending.answers import Answer, Situation, answer
from mailbox_operator.decide.sending.breaker import Breaker
from mailbox_operator.decide.sending.choice import chosen, foreseen
from mailbox_operator.decide.sending.claims import claims_of
from mailbox_operator.decide.sending.delivery import (
    InDoubt,
    NotSent,
    Outcome,
    Refused,
    Route,
    Taken,
)
from mailbox_operator.decide.sending.headers import Header, HeaderProblem, read_header
from mailbox_operator.decide.sending.kept import UncountedError
from mailbox_operator.decide.sending.login import is_password, parse_user_name
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.permission import about, exhausted, judged
from mailbox_operator.decide.sending.telling import told_of
from mailbox_operator.decide.sending.vouching import prepared
from mailbox_operator.decide.words import Choose, Kind
from mailbox_operator.gateway.hand import Exhausted, Taking
from mailbox_operator.gateway.ports import Directory, Keys, Reports, Sendings, Submission, WayOut
from mailbox_operator.gateway.quota import Quota

NOBODY: Final = ""
MOST_TRIES: Final = 32
"""Mailboxes whose limit turns out to be reached, for one message; the next message knows of them."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets applications in by the login of their Sender, and messages out by a Mailbox of it.

    Attributes:
        directory: The Senders and Mailboxes there are.
        keys: Those that passwords are derived with.
        reports: Tells the operator what a message taught about its Mailbox.
        sendings: Counts what becomes of messages.
        quota: Keeps messages within limits.
        breaker: Pauses Senders that are refused again and again.
    """

    directory: Directory
    keys: Keys
    way_out: WayOut
    reports: Reports
    sendings: Sendings
    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    quota: Quota
    breaker: Breaker = field(default_factory=Breaker)

    def authenticate(self, username: str, password: str, source: str) -> Submission | Answer:  # noqa: ARG002 - the listener limits sources
        """Say what a login may do; an unknown one costs the same time as a wrong password."""
        keys, name = self.keys.keys(), parse_user_name(username)
        if not keys or not self.directory.is_complete:
            return answer(Situation.LOGINS_UNKNOWN_YET)
        key = Key(Kind.SENDER, name.namespace, name.sender) if name else None
        sender = self.directory.sender(key) if key else None
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


@dataclass(frozen=True, slots=True)
class Way:
    """By whom a message goes out, and as what.

    Attributes:
        message: As it goes out.
        taking: What was taken of the limits for it.
    """

    mailbox: ReadableMailbox
    message: Message
    case: Case
    taking: Taking


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
        sender = self._permit()
        if isinstance(sender, Answer):
            return self._turned_away(sender)
        pool = self.gate.directory.pool(sender)
        refusal = foreseen(sender, address, pool, partial(self._used_up, sender))
        return self._turned_away(refusal) if refusal else None

    async def accept(self, message: Message) -> Answer:
        """Send a message, and say what came of it."""
        began = self.gate.monotonic()
        sender, header = self._permit(), read_header(message.content)
        if isinstance(sender, Answer):
            return self._turned_away(sender)
        way = await self._way(sender, message, header)
        if isinstance(way, Answer):
            return self._turned_away(way)
        mailbox, route = way.mailbox, Route(way.case)
        with self.gate.sendings.sending(self.sender, route):
            outcome = await self.gate.way_out.send(route, way.message)
            if isinstance(outcome, Refused | NotSent):  # what is in doubt counts as sent
                self.gate.quota.return_(way.taking)
            told = told_of(outcome, mailbox.key, is_named=sender.is_of_several)
            self._learn(outcome, mailbox)
            seconds = self.gate.monotonic() - began
            self.gate.sendings.ended(self.sender, outcome, told, message.size, seconds)
        return told

    def _permit(self) -> ReadableSender | Answer:
        """Say whether the Sender may send now."""
        directory, now = self.gate.directory, self.gate.monotonic()
        sender = directory.sender(self.sender)
        if sender is None or sender.uid != self.uid or self._is_outdated(sender):
            return answer(Situation.LOGIN_WRONG)
        if self.gate.breaker.pause(self.uid, now):
            return about(Situation.SENDER_PAUSED, self.sender)
        return judged(sender)

    async def _way(
        self, sender: ReadableSender, message: Message, header: Header | HeaderProblem
    ) -> Way | Answer:
        """Choose the Mailbox of a message, and take its recipients off the limits; or say why not.

        Where recipients decide, a Mailbox whose limit turns out to be reached gives way to the next.
        """
        follows = isinstance(header, Header) and header.follows
        pool, full = self.gate.directory.pool(sender), dict[Key, Answer]()

        def obstacle(mailbox: ReadableMailbox) -> Answer | None:
            return full.get(mailbox.key) or self._used_up(sender, mailbox)

        while True:
            mailbox = chosen(sender, message, pool, obstacle, follows=follows)
            if isinstance(mailbox, Answer):
                return mailbox
            ready = prepared(message, header, sender.spec.from_header, mailbox)
            if isinstance(ready, Answer):
                return ready
            taking = await self._taken(sender, mailbox, len(message.recipients))
            if not isinstance(taking, Exhausted):
                return taking if isinstance(taking, Answer) else Way(mailbox, ready, *taking)
            told = exhausted(taking.claim, taking.full, len(message.recipients), self.gate.now())
            is_shared = sender.spec.choose is Choose.BY_RECIPIENT
            if not is_shared or taking.claim.about == self.sender or len(full) == MOST_TRIES:
                return told
            full[mailbox.key] = told

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

    def _used_up(self, sender: ReadableSender, mailbox: ReadableMailbox) -> Answer | None:
        """Say which limit is known to be reached, so that no message is transferred for nothing."""
        try:
            case = self.gate.directory.case(mailbox)
        except Fault:
            return None  # said at the end of the message
        now = self.gate.now()
        found = self.gate.quota.exhausted(claims_of(sender, case, now))
        return exhausted(found.claim, found.full, 1, now) if found else None

    async def _taken(
        self, sender: ReadableSender, mailbox: ReadableMailbox, count: int
    ) -> tuple[Case, Taking] | Exhausted | Answer:
        """Take the recipients of a message off the limits that hold for it, or say why not."""
        try:
            case = self.gate.directory.case(mailbox)
        except Fault as fault:
            return about(Situation.NOT_CONNECTED, mailbox.key, reason=fault.reason)
        claims = claims_of(sender, case, self.gate.now())
        try:
            taking = await self.gate.quota.take(claims, count)
        except UncountedError as error:
            extra = {"sender": str(self.sender), "error": str(error)}
            log.warning("message not counted", extra=extra)
            return about(Situation.UNCOUNTED, claims[0].about)
        return taking if isinstance(taking, Exhausted) else (case, taking)

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
            case Refused(answer=refusal) if refusal.is_permanent:
                breaker.refused(self.uid, self.gate.monotonic())
            case NotSent(trouble=Fault() as fault):
                reports.troubled(mailbox, fault)
            case Refused() | NotSent() | InDoubt():
                pass
            case _:
                assert_never(outcome)
