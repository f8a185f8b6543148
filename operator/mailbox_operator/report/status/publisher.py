"""Writes the status and nothing else: only where it differs, only to the very object it is about.

Only the replica that works on an object writes, and only over the status that its verdict was
concluded from: two that both believe to hold its shard never take turns. The age of the Leases tells a
process that stood still, the object's version tells the API server.

Writing is no part of an attempt: what is wanted is put down here and written beside, the latest for
each object. A status that the API server does not take costs no attempt of anybody.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.status_patch import StatusWriter
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Kind
from mailbox_operator.places import Places
from mailbox_operator.report.events.correlator import EventType
from mailbox_operator.report.status.desk import QUICK_TRIES, WAITS, Desk, Wanted, Weight

GRACE_FIRST_LOOK_SECONDS: Final = 3.0
WRITE_GRACE_SECONDS: Final = 0.4
BOOKKEEPING_SECONDS: Final = 300.0
"""Before a status is written that says the same of other inputs: many changes of them
make one write."""

MOST_AT_ONCE: Final = 25
"""Each has a connection with the API server, of a tenth of a megabyte."""
UNCERTAIN_SECONDS: Final = 1.0
"""Until a replica that may not hold its shards any more looks again whether it does."""
NOT_WRITTEN: Final = "StatusNotWritten"

log = logging.getLogger(__name__)


class StatusAudience(Protocol):
    """Tells people what became of statuses."""

    def transition(self, seen: Seen, status: Status) -> None:
        """A status that stands now says something else than the one before."""

    def tell(self, subject: Subject, reason: str, message: str, event_type: EventType) -> None:
        """Something happened to an object."""


def certain() -> bool:
    """Take no other replica into account."""
    return True


@dataclass(slots=True)
class StatusPublisher:
    """Writes statuses.

    Attributes:
        present: Returns an object as it is known now; None if it is gone.
        on_written: Takes in the object as the API server returned it.
        audience: Hears of each status that stands and says something new, and of one that is refused.
        on_refused: Counts refusals by HTTP status; 0 is no answer.
        places: How many are written at once.
        waits: Seconds after the first, second, ... refusal of a status.
        bookkeeping_seconds: Before a status is written that says the same of other inputs.
        on_contradicted: Hears of each object that another writer gave a status meanwhile.
        is_certain: Whether this replica holds its shards beyond doubt.
    """

    api: ApiServer
    present: Callable[[Key], Subject | None]
    on_written: Callable[[Kind, Mapping[str, Any]], None]
    audience: StatusAudience
    on_refused: Callable[[int], None] = lambda _: None
    places: Places = field(default_factory=lambda: Places(MOST_AT_ONCE))
    waits: Sequence[float] = WAITS
    bookkeeping_seconds: float = BOOKKEEPING_SECONDS
    on_contradicted: Callable[[Key], None] = lambda _: None
    is_certain: Callable[[], bool] = certain
    _desks: dict[Key, Desk] = field(default_factory=dict)

    @property
    def _writer(self) -> StatusWriter:
        return StatusWriter(self.api, self.on_written)

    @property
    def unwritten(self) -> int:
        """How many objects have a status that the API server does not take."""
        return sum(desk.is_refused for desk in self._desks.values())

    async def run(self) -> None:
        """Write until cancelled; what is on its way then is given up."""
        try:
            await asyncio.Event().wait()
        finally:
            for key in list(self._desks):
                self.forget(key)

    def announce(self, seen: Seen, status: Status) -> None:
        """Show a status after a moment, unless it is overtaken before.

        A changed spec shows within a second. A first look has more time: a new object's status says
        by itself that nobody looked yet, and most connect before anything else needs saying.
        """
        desk = self._desks.get(seen.subject.key)
        wanted, weak = desk.wanted if desk else None, (Weight.COUNT, Weight.BOOKKEEPING)
        if status == seen.status or (wanted and wanted.weight not in weak):
            return
        first = seen.status.standing is None
        grace = GRACE_FIRST_LOOK_SECONDS if first else WRITE_GRACE_SECONDS
        self._want(seen, status, Weight.ANNOUNCEMENT, grace)

    def count(self, seen: Seen, status: Status) -> bool:
        """Show what was counted, unless anything else is to be shown; say whether it will be.

        Whatever comes to be wanted meanwhile says it as well.
        """
        if seen.subject.key in self._desks:
            return False
        self._want(seen, status, Weight.COUNT, 0.0)
        return True

    def withdraw(self, key: Key) -> None:
        """Do not show what was announced, unless it is being written."""
        desk = self._desks.get(key)
        wanted = desk.wanted if desk else None
        if desk and wanted and wanted.weight is Weight.ANNOUNCEMENT and not desk.is_writing:
            desk.want(None)
            self._proceed(key, desk)

    def publish(self, seen: Seen, status: Status) -> None:
        """Show a status now; what was wanted before is not any more."""
        desk = self._desks.get(seen.subject.key, Desk())
        status = desk.with_count(status)
        if status == seen.status and not desk.is_writing:
            desk.want(None)
            self._proceed(seen.subject.key, desk)
            return
        if status.says_as_much_as(seen.status) and not desk.is_writing:
            self._want(seen, status, Weight.BOOKKEEPING, self.bookkeeping_seconds)
        else:
            self._want(seen, status, Weight.VERDICT, 0.0)

    def is_own(self, key: Key, status: Status) -> bool:
        """Say whether a status that just came to stand is one that was sent from here."""
        desk = self._desks.get(key)
        return desk is not None and status in desk.offered

    def forget(self, key: Key) -> None:
        """Write nothing more to an object that is gone."""
        desk = self._desks.pop(key, None)
        if desk is not None:
            desk.want(None)
            desk.stop_waiting()
            if desk.task is not None:
                desk.task.cancel()

    async def shown(self, key: Key) -> None:
        """Wait until the verdict on an object stands, or is not expected to soon."""
        desk = self._desks.get(key)
        if desk is not None:
            await desk.settled()

    def _want(self, seen: Seen, status: Status, weight: Weight, grace: float) -> None:
        key, at = seen.subject.key, asyncio.get_running_loop().time() + grace
        desk = self._desks.setdefault(key, Desk())
        if desk.wanted and desk.wanted.weight is weight is Weight.BOOKKEEPING:
            at = desk.wanted.at  # it is not put off for ever
        desk.want(Wanted(seen, desk.with_count(status), weight, at))
        self._proceed(key, desk)

    def _proceed(self, key: Key, desk: Desk) -> None:
        """Have what is wanted wait until it is due, and then in line; no task waits for that.

        Where more is wanted than the API server takes, thousands of statuses wait.
        """
        desk.stop_waiting()
        if desk.is_in_line:
            return
        loop = asyncio.get_running_loop()
        if desk.wanted is None:
            if self._desks.get(key) is desk:
                del self._desks[key]
        elif desk.due > loop.time():
            desk.timer = loop.call_at(desk.due, self._proceed, key, desk)
        else:
            desk.is_in_line = True
            self.places.call(key.namespace, lambda: self._called(key, desk))

    def _called(self, key: Key, desk: Desk) -> None:
        """Offer what is wanted by now, if it is due: the place is held."""
        wanted, now = desk.wanted, asyncio.get_running_loop().time()
        present = self.present(key)
        if wanted is None or desk.due > now or not self._is_writable(desk, wanted, present):
            self._leave(key, desk)
        else:
            assert present is not None
            offering = self._offer(desk, wanted, present)
            desk.task = asyncio.create_task(offering, name=f"status of {key}")
            desk.task.add_done_callback(lambda _: self._leave(key, desk))

    def _leave(self, key: Key, desk: Desk) -> None:
        self.places.give_back(key.namespace)
        desk.task, desk.is_in_line = None, False
        self._proceed(key, desk)

    async def _offer(self, desk: Desk, wanted: Wanted, present: Subject) -> None:
        """Offer a status to the API server once, unless it is overtaken before the task begins."""
        if desk.wanted is not wanted:
            return
        try:
            if present.status != wanted.status and not await self._write(desk, wanted, present):
                return
            if wanted.weight is Weight.VERDICT:
                self.audience.transition(wanted.seen, wanted.status)
        except BaseException:
            desk.want(None)
            raise
        desk.stand(wanted)

    def _is_writable(self, desk: Desk, wanted: Wanted, present: Subject | None) -> bool:
        """Say whether a status may be written over the one that stands, by this replica, now."""
        if not self.is_certain():
            desk.put_off(asyncio.get_running_loop().time(), UNCERTAIN_SECONDS)
            return False
        if present is None or present.uid != wanted.seen.subject.uid:
            desk.stand(wanted)
            return False
        if present.status != wanted.status and desk.contradicts(wanted, present.status):
            log.info(
                "status not written: another writer's stands", extra={"object": str(present.key)}
            )
            desk.stand(wanted)
            self.on_contradicted(present.key)
            return False
        return True

    async def _write(self, desk: Desk, wanted: Wanted, present: Subject) -> bool:
        """Write a status; say whether the API server took it."""
        desk.is_writing = True
        desk.offer(wanted.status)
        try:
            await self._writer.write(present, wanted.status)
        except ApiServerError as error:
            known = self.present(present.key)
            if error.status == HTTPStatus.CONFLICT and known and known.version == present.version:
                await self._writer.read(present.key)  # the watch did not tell of it yet
            self._refuse(desk, wanted, error)
            return False
        finally:
            desk.is_writing = False
        return True

    def _refuse(self, desk: Desk, wanted: Wanted, error: ApiServerError) -> None:
        """Take note of a refusal; people are told once of a status that is not taken for long."""
        extra = {"object": str(wanted.seen.subject.key), "code": error.status}
        if error.status == HTTPStatus.NOT_FOUND:
            log.info("status not written: the object is gone", extra=extra)
            desk.stand(wanted)
            return
        self.on_refused(error.status)
        desk.refuse(asyncio.get_running_loop().time(), self.waits)
        log.warning("status not written yet", extra=extra | {"tries": desk.refusals})
        if desk.refusals == QUICK_TRIES:
            self.audience.tell(wanted.seen.subject, NOT_WRITTEN, _refusal(error), EventType.WARNING)


def _refusal(error: ApiServerError) -> str:
    why = f"answers {error.status}" if error.status else "does not answer"
    return (
        f"The status cannot be written: the API server {why}. Platform team: look for an admission"
        " policy that refuses it, a missing right, or an object that is too large; the operator keeps"
        " trying."
    )
