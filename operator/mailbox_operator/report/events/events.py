"""Tells people of transitions by Kubernetes Events: one a change of reason or move, none an attempt.

What happens again within an hour is the same Event with a higher count: `x3 over 10m`.
"""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import VERSION, event_path
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.machine.verdict import move_of
from mailbox_operator.decide.names import GROUP
from mailbox_operator.decide.sharing.fairness import Turns
from mailbox_operator.decide.status.conditions import TIME_FORMAT, Condition, Standing, Status
from mailbox_operator.report.events.correlator import Correlator, EventType, Matter, Series

MOST_EVENTS_WAITING: Final = 1000
PER_SECOND: Final = 50
COMPONENT: Final = "mailbox-operator"
CONTROLLER: Final = f"{GROUP}/{COMPONENT}"
LONGEST_INSTANCE: Final = 128
AWAY: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
"""A namespace that is being deleted takes no Event: 403, or 404 a moment later."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class EventRecorder:
    """Posts Events in the background, for one namespace after the other.

    In a flood the oldest of the namespace with most of them give way, for statuses matter more.

    Attributes:
        instance: Which replica tells.
        correlator: Says what is told, and what is told as one.
    """

    api: ApiServer
    now: Callable[[], datetime]
    instance: str = field(default_factory=socket.gethostname)
    correlator: Correlator = field(default_factory=Correlator)
    _waiting: dict[str, deque[tuple[Subject, Matter]]] = field(default_factory=dict)
    _count: int = 0
    _turns: Turns = field(default_factory=Turns)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def dropped(self) -> int:
        """Count what nobody was told, for the object had too much to tell or all of them had."""
        return self.correlator.dropped

    def transition(self, seen: Seen, status: Status) -> None:
        """Take note of a status that stands now."""
        ready, before = status.condition("Ready"), seen.status.condition("Ready")
        if ready is None or status.standing is Standing.PROGRESSING:
            return
        if before and _asks_the_same(seen.subject, before, ready):
            return
        event_type = EventType.NORMAL if ready.status == "True" else EventType.WARNING
        self.tell(seen.subject, ready.reason, ready.message, event_type)

    def tell(self, subject: Subject, reason: str, message: str, event_type: EventType) -> None:
        """Tell people of something that happened to an object."""
        matter = Matter(subject.uid, event_type, reason, message)
        if not self.correlator.observe(matter, self.now()):
            log.debug("event dropped", extra={"object": str(subject.key), "reason": reason})
            return
        self._waiting.setdefault(namespace_of(subject), deque()).append((subject, matter))
        self._count += 1
        if self._count > MOST_EVENTS_WAITING:
            self.correlator.dropped += 1
            self._next(max(self._waiting, key=lambda each: len(self._waiting[each])))
        self._news.set()

    async def run(self) -> None:
        """Post Events as they come, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                namespace = min(self._waiting, key=self._turns.start)
                self._turns.serve(namespace)
                await self._post(*self._next(namespace))
                await asyncio.sleep(1 / PER_SECOND)
            self._turns.rest()

    def _next(self, namespace: str) -> tuple[Subject, Matter]:
        """Take the oldest of a namespace out of line."""
        line = self._waiting[namespace]
        oldest = line.popleft()
        self._count -= 1
        if not line:
            del self._waiting[namespace]
        return oldest

    async def _post(self, subject: Subject, matter: Matter) -> None:
        series = self.correlator.series(matter)
        if series is None:  # thousands of others were told of since
            self.correlator.dropped += 1
            return
        namespace = namespace_of(subject)
        try:
            if not (series.event and await self._raise_count(namespace, series)):
                event = render_event(subject, matter, series, self.instance)
                made = await self.api.create(event_path(namespace), event)
                self.correlator.posted(matter, series.first, made["metadata"]["name"])
        except ApiServerError as error:
            level = logging.INFO if error.status in AWAY else logging.WARNING
            log.log(level, "event not posted", extra={"error": str(error)})

    async def _raise_count(self, namespace: str, series: Series) -> bool:
        """Raise the count of an Event, unless the API server has forgotten it."""
        path = event_path(namespace, series.event)
        last = series.last.strftime(TIME_FORMAT)
        try:
            await self.api.patch(path, {"count": series.count, "lastTimestamp": last})
        except ApiServerError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True


def _asks_the_same(subject: Subject, before: Condition, ready: Condition) -> bool:
    """Say whether two conditions give the same reason, and the same person's move."""
    if (before.status, before.reason) != (ready.status, ready.reason):
        return False
    moves = {move_of(subject, each.reason, each.message) for each in (before, ready)}
    return len(moves) == 1


def namespace_of(subject: Subject) -> str:
    """Say where the Events of an object lie."""
    return subject.key.namespace or "default"


def render_event(subject: Subject, matter: Matter, series: Series, instance: str) -> dict[str, Any]:
    """Write an Event as the API server wants it."""
    key = subject.key
    return {
        "metadata": {"generateName": f"{key.name}.", "namespace": namespace_of(subject)},
        "type": matter.type.value,
        "reason": matter.reason,
        "message": matter.message,
        "firstTimestamp": series.first.strftime(TIME_FORMAT),
        "lastTimestamp": series.last.strftime(TIME_FORMAT),
        "count": series.count,
        "source": {"component": COMPONENT},
        "reportingComponent": CONTROLLER,
        "reportingInstance": instance[:LONGEST_INSTANCE],
        "involvedObject": {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": key.kind.value,
            "namespace": key.namespace,
            "name": key.name,
            "uid": matter.uid,
            "resourceVersion": subject.version,
        },
    }
