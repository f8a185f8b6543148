"""Gives every change its turn; what is to be done about it is decided in `reconcile`, not here."""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from mailbox_operator.cluster.leadership import Leadership
from mailbox_operator.cluster.shards import Shards
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.backoff import phase
from mailbox_operator.decide.machine.machine import Conclusion, resume
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.ports import Ports
from mailbox_operator.reconcile import foresee, reconcile
from mailbox_operator.report.events.correlator import EventType
from mailbox_operator.report.events.events import EventRecorder
from mailbox_operator.report.status.publisher import StatusPublisher
from mailbox_operator.schedule.lines import Lane
from mailbox_operator.schedule.runner import Runner
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.contents import ChangedContents
from mailbox_operator.watch.store import Store

OVERSIZE: Final = "MetadataTooLarge"
OVERSIZE_MESSAGE: Final = (
    "This object is left alone: its metadata is too large. Mailbox owner: remove labels and annotations"
    " until they have less than 320 KiB, and no more than 1,000 of each."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Hears of changes, and wakes the schedule of the replica that works on the object.

    Attributes:
        contents: Takes Secrets as unchanged that were not read yet.
        publisher: Knows which statuses were written from here.
        leadership: Whether this replica does what concerns all shards.
        shards: What this replica works on.
        on_changed: Hears, on the leader, of each Mailbox that changed, apart from its status.
        on_gone: Hears that an object is gone.
        on_proved: Hears the uid of each ManagedInfrastructure that a check has found well.
    """

    store: Store
    contents: ChangedContents
    ports: Ports
    runner: Runner
    publisher: StatusPublisher
    events: EventRecorder
    leadership: Leadership
    shards: Shards
    on_changed: Callable[[Mailbox], None]
    on_gone: Callable[[], None]
    on_proved: Callable[[str], None]

    def changed(self, key: Key, change: Change) -> None:
        """Have an object looked at, if it is for this replica to work on."""
        subject = self.store.subject(key)
        if subject is None:
            return
        is_told = self.leadership.is_leading and change is not Change.STATUS
        if is_told and (mailbox := self.store.find(subject.uid)) is not None:
            self.on_changed(mailbox)
        if subject.platform and subject.status.standing is Standing.CONNECTED:
            self.on_proved(subject.uid)
        seen = self._seen(key)
        if seen is None:
            self.leave(key)
        else:
            self._give_turn(seen, change)

    def _give_turn(self, seen: Seen, change: Change) -> None:
        key = seen.subject.key
        match change:
            case Change.NEW:
                self.plan(key)
            case Change.SELECTION:  # somebody may write labels again and again
                self.plan(key, Lane.CHANGED)
            case Change.STATUS:
                if not self.publisher.is_own(key, seen.status):
                    self.contradicted(key)
            case Change.FREED if rest := self.store.rest(key):
                self.runner.plan(key, rest, Lane.RETRY)
            case _ if foresee(self.contents.presumed(seen), self.ports):
                self.runner.wake(key, Lane.CHANGED)
            case _:
                pass

    def works_on(self, subject: Subject) -> bool:
        """Say whether an object is this replica's to work on; all others are known only."""
        return subject.is_selected and self.shards.owns(subject)

    def leave(self, key: Key) -> None:
        """Stop whatever is done for an object that somebody else sees to."""
        self.runner.forget(key)
        self.publisher.forget(key)
        self.store.forget_attempts(key)

    def contradicted(self, key: Key) -> None:
        """Look again at an object whose status another writer changed: it may not be the truth."""
        log.info("another writer changed a status", extra={"object": str(key)})
        self.runner.hasten(key)

    def gone(self, key: Key) -> None:
        """Stop whatever is done for an object that is gone, and tidy up after it."""
        self.leave(key)
        self.on_gone()

    def oversize(self, subject: Subject) -> None:
        """Tell people of an object that is left alone."""
        if self.works_on(subject):
            self.events.tell(subject, OVERSIZE, OVERSIZE_MESSAGE, EventType.WARNING)

    def plan_shards(self, numbers: Collection[int]) -> None:
        """Take up the schedule of shards: what is known already is not dialled again."""
        for subject in self.store.subjects():
            if subject.shard in numbers:
                self.plan(subject.key)

    async def leave_shards(self, numbers: Collection[int]) -> None:
        """Stop whatever is done for shards, and return when it is over."""
        keys = [each.key for each in self.store.subjects() if each.shard in numbers]
        attempts = self.runner.attempts(keys)
        for key in keys:
            self.leave(key)
        await asyncio.gather(*attempts, return_exceptions=True)

    def plan(self, key: Key, lane: Lane = Lane.NEW) -> None:
        """Give an object that is new, or new to this replica, its regular turn.

        Args:
            key: Of the object.
            lane: Where it waits if it is to be looked at now.
        """
        seen = self._seen(key)
        if seen is None:
            return
        presumed, ports = self.contents.presumed(seen), self.ports
        share = phase(seen.subject.uid)
        rest = resume(presumed, ports.now(), ports.pace, share, ports.public_url)
        if rest is None:
            self.runner.wake(key, lane)
            return
        healthy = seen.status.standing is Standing.CONNECTED
        self.runner.plan(key, rest, Lane.PERIODIC if healthy else Lane.RETRY)

    async def attempt(self, key: Key, *, due: bool) -> Conclusion | None:
        """Carry an object through its turn."""
        return await reconcile(key, self.ports, due=due)

    def is_needed(self, key: Key) -> bool:
        """Say whether an object that was woken still has anything to do before its regular turn."""
        seen = self.store.seen(key)
        return seen is not None and foresee(self.contents.presumed(seen), self.ports)

    def destination(self, key: Key) -> str | None:
        """Name what an attempt will dial; None if the object is gone, or somebody else's."""
        subject = self.store.subject(key)
        return subject.destination if subject and self.works_on(subject) else None

    def _seen(self, key: Key) -> Seen | None:
        """Return an object with all a decision depends on; None if it is gone, or somebody else's."""
        subject = self.store.subject(key)
        return self.store.seen(key) if subject and self.works_on(subject) else None
