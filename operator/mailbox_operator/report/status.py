"""Writes the status and nothing else: only where it differs, only to the very object it is about."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol

from mailbox_operator.apiserver import JSON_PATCH, ApiServer, ApiServerError, object_path
from mailbox_operator.decide.seen import Seen
from mailbox_operator.decide.status import Status, render_status
from mailbox_operator.decide.watched import Key
from mailbox_operator.decide.words import Kind

GRACE_FIRST_LOOK_SECONDS: Final = 3.0
GRACE_SECONDS: Final = 0.4
FIRST_RETRY_SECONDS: Final = 0.5
LONGEST_RETRY_SECONDS: Final = 15.0
NO_LONGER_IT: Final = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
)

log = logging.getLogger(__name__)


class Transitions(Protocol):
    """Whoever tells people of transitions."""

    def transition(self, seen: Seen, status: Status) -> None:
        """A status that stands now says something else than the one before."""


@dataclass(slots=True)
class StatusPublisher:
    """Writes statuses.

    Attributes:
        written: Takes in the object as the API server returned it.
        transitions: Told of each status that stands and says something new.
    """

    api: ApiServer
    written: Callable[[Kind, Mapping[str, Any]], None]
    transitions: Transitions
    _announcements: dict[Key, asyncio.Task[None]] = field(default_factory=dict)
    _writing: set[Key] = field(default_factory=set)

    def announce(self, seen: Seen, status: Status) -> None:
        """Show a status after a moment, unless it is settled before.

        A changed spec shows within a second. A first look has more time: a new object's status says
        by itself that nobody looked yet, and most connect before anything else needs saying.
        """
        key = seen.subject.key
        if key in self._announcements or status == seen.status:
            return
        first = seen.status.standing is None
        grace = GRACE_FIRST_LOOK_SECONDS if first else GRACE_SECONDS
        self._announcements[key] = asyncio.create_task(self._announce(seen, status, grace))

    async def settle(self, key: Key) -> None:
        """Withdraw an announcement, or wait until it stands if it is being written."""
        task = self._announcements.pop(key, None)
        if task is None:
            return
        if key not in self._writing:
            task.cancel()
        await asyncio.wait([task])

    async def publish(self, seen: Seen, status: Status) -> None:
        """Show a status now; returns when it stands, or the object is gone."""
        if status == seen.status:
            return
        if await self._write(seen, status):
            self.transitions.transition(seen, status)

    async def _announce(self, seen: Seen, status: Status, grace_seconds: float) -> None:
        key = seen.subject.key
        await asyncio.sleep(grace_seconds)
        self._writing.add(key)
        try:
            await self._write(seen, status)
        finally:
            self._writing.discard(key)
            if self._announcements.get(key) is asyncio.current_task():
                del self._announcements[key]

    async def _write(self, seen: Seen, status: Status) -> bool:
        """Write until it stands; False if there is nothing to write it to any more."""
        wait = FIRST_RETRY_SECONDS
        while True:
            try:
                body = await self._patch(seen, status)
            except ApiServerError as error:
                extra = {"object": str(seen.subject.key), "code": error.status}
                if error.status in NO_LONGER_IT:
                    log.info("status not written: the object is another one by now", extra=extra)
                    return False
                log.warning("status not written yet", extra=extra)
            else:
                self.written(seen.subject.key.kind, body)
                return True
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_RETRY_SECONDS)

    def _patch(self, seen: Seen, status: Status) -> Awaitable[Mapping[str, Any]]:
        """Replace the status as a whole, of the very object it is about and not of a namesake."""
        key = seen.subject.key
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": seen.subject.uid},
            {"op": "add", "path": "/status", "value": render_status(status)},
        ]
        return self.api.patch(
            f"{object_path(key.kind, key.namespace, key.name)}/status", patch, JSON_PATCH
        )
