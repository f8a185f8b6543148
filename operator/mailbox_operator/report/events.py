"""Tells people of transitions by Kubernetes Events: one a change of reason, none an attempt."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mailbox_operator.apiserver import GROUP, VERSION, ApiServer, ApiServerError
from mailbox_operator.decide.seen import Seen, Subject
from mailbox_operator.decide.status import TIME_FORMAT, Standing, Status

MOST_WAITING: Final = 1000
PER_SECOND: Final = 50
COMPONENT: Final = "mailbox-operator"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class EventRecorder:
    """Posts Events in the background; in a flood the oldest give way, for statuses matter more."""

    api: ApiServer
    now: Callable[[], datetime]
    _waiting: deque[tuple[str, dict[str, Any]]] = field(
        default_factory=lambda: deque(maxlen=MOST_WAITING)
    )
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def transition(self, seen: Seen, status: Status) -> None:
        """Take note of a status that stands now."""
        ready, before = status.condition("Ready"), seen.status.condition("Ready")
        if ready is None or status.standing is Standing.PROGRESSING:
            return
        if before and (before.status, before.reason) == (ready.status, ready.reason):
            return
        self.tell(seen.subject, ready.reason, ready.message, fine=ready.status == "True")

    def tell(self, subject: Subject, reason: str, message: str, *, fine: bool) -> None:
        """Tell people of something that happened to an object."""
        event = self._event(subject, reason, message, fine=fine)
        self._waiting.append((event["metadata"]["namespace"], event))
        self._news.set()

    async def run(self) -> None:
        """Post Events as they come, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self._post(*self._waiting.popleft())
                await asyncio.sleep(1 / PER_SECOND)

    async def _post(self, namespace: str, event: dict[str, Any]) -> None:
        try:
            await self.api.create(f"/api/v1/namespaces/{namespace}/events", event)
        except ApiServerError as error:
            # A namespace that is being deleted takes no Event: 403, or 404 a moment later.
            level = logging.INFO if error.status in (403, 404) else logging.WARNING
            log.log(level, "event not posted", extra={"error": str(error)})

    def _event(self, subject: Subject, reason: str, message: str, *, fine: bool) -> dict[str, Any]:
        at = self.now().strftime(TIME_FORMAT)
        key = subject.key
        namespace = key.namespace or "default"
        return {
            "metadata": {"generateName": f"{key.name}.", "namespace": namespace},
            "type": "Normal" if fine else "Warning",
            "reason": reason,
            "message": message,
            "firstTimestamp": at,
            "lastTimestamp": at,
            "count": 1,
            "source": {"component": COMPONENT},
            "involvedObject": {
                "apiVersion": f"{GROUP}/{VERSION}",
                "kind": key.kind.value,
                "namespace": key.namespace,
                "name": key.name,
                "uid": subject.uid,
                "resourceVersion": subject.version,
            },
        }
