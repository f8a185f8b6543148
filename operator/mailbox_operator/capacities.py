"""Shows what is left of the limits of mailboxes and Senders, as the gateways counted it.

Nobody is dialled for it and nobody's turn comes earlier. Each replica shows it of the objects that it
works on, as part of the one status that it writes; see `decide.sending.capacity` for when.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.sending.capacity import (
    Report,
    is_due,
    of_mailbox,
    of_sender,
    saying,
    shown_in,
)
from mailbox_operator.decide.sending.ledger import Ledger
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.pools import chosen_of
from mailbox_operator.watch.store import Store

AT_ONCE: Final = 25
"""Objects that are looked at before others have their turn: about a millisecond's work."""

log = logging.getLogger(__name__)


class Ledgers(Protocol):
    """All that was counted."""

    async def read(self) -> None:
        """Read it all again; raises `ApiServerError` if that cannot be."""

    async def remove_unused(self, now: datetime) -> int:
        """Remove what nobody used for long; return how many."""

    def look(self, name: str) -> Ledger:
        """Return what was read; raises `UncountedError` if it is damaged."""


class Publisher(Protocol):
    """Writes statuses."""

    def count(self, seen: Seen, status: Status) -> bool:
        """Show what was counted, unless anything else is to be shown; say whether it will be."""


@dataclass(slots=True)
class Capacities:
    """Shows capacity.

    Attributes:
        ledgers: None without a gateway that counts: then nothing is shown, nor stays from before.
        works_on: Whether an object is this replica's to work on.
        is_leading: Whether this replica does what concerns all.
        now: Tells the time of day: the same to all gateways and replicas.
        every_seconds: Between two looks.
        reports: What was found at the last look, of each Mailbox that is limited.
    """

    ledgers: Ledgers | None
    store: Store
    publisher: Publisher
    works_on: Callable[[Subject], bool]
    is_leading: Callable[[], bool]
    now: Callable[[], datetime]
    every_seconds: float
    reports: Mapping[Key, Report] = field(default_factory=dict)
    _shown_at: dict[Key, datetime] = field(default_factory=dict)
    _began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.now()

    async def run(self) -> None:
        """Look at intervals, until cancelled."""
        while True:
            try:
                await self.look()
            except ApiServerError as error:
                log.warning("ledgers not read", extra={"error": str(error)})
            await asyncio.sleep(self.every_seconds)

    async def look(self) -> None:
        """Read what was counted, and show what is worth it; the leader removes what is unused.

        Raises:
            ApiServerError: The ledgers cannot be read or removed now.
        """
        if self.ledgers is not None:
            await self.ledgers.read()
        found, keys = dict[Key, Report](), [each.key for each in self.store.subjects()]
        for number, key in enumerate(keys, 1):
            subject = self.store.subject(key)
            report = self._looked_at(subject) if subject else None
            if report is not None and key.kind is Kind.MAILBOX:
                found[key] = report
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        self.reports = found
        self._shown_at = {key: at for key, at in self._shown_at.items() if self.store.subject(key)}
        if self.ledgers is not None and self.is_leading():
            await self.ledgers.remove_unused(self.now())

    def _looked_at(self, subject: Subject) -> Report | None:
        """Find out how an object stands, and have it shown if this replica works on it."""
        now = self.now()
        try:
            report = self._report(subject, now)
        except Fault:  # what it uses is not there: nothing is sent, and what was said stands
            return None
        is_ours = subject.status.standing is not None and self.works_on(subject)
        at = self._shown_at.get(subject.key, self._began)
        if is_ours and is_due(shown_in(subject.status), report, at, now):
            self._show(subject, report, now)
        return report

    def _show(self, subject: Subject, report: Report | None, now: datetime) -> None:
        seen = self.store.seen(subject.key)
        if seen is not None and self.publisher.count(seen, saying(seen.status, report, now)):
            self._shown_at[subject.key] = now

    def _report(self, subject: Subject, now: datetime) -> Report | None:
        if self.ledgers is None:
            return None
        match subject:
            case ReadableMailbox():
                return of_mailbox(self._case(subject), self.ledgers.look, now)
            case ReadableSender():
                return of_sender(subject, *self._cases_of(subject), self.ledgers.look, now)
            case _:
                return None

    def _cases_of(self, sender: ReadableSender) -> tuple[list[Case], list[Case]]:
        """Return the mailboxes that a Sender sends through: connected ones, and others."""
        connected, others = list[Case](), list[Case]()
        for name in self.store.pools.names_for(sender):
            mailbox = self.store.subject(Key(Kind.MAILBOX, sender.key.namespace, name))
            if isinstance(mailbox, ReadableMailbox):
                (others if chosen_of(mailbox).trouble else connected).append(self._case(mailbox))
        return connected, others

    def _case(self, mailbox: ReadableMailbox) -> Case:
        return Case(mailbox, self.store.infrastructure_for(mailbox), "")
