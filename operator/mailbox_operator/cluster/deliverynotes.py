"""Notes on a Mailbox what its messages met, so that the operator knows it too.

Annotations, at most one a minute of each kind: the operator writes the status, gateways never do.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mailbox_operator.cluster.apiserver import MERGE_PATCH, ApiServer
from mailbox_operator.cluster.paths import object_path
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.names import LIMITED, RECONNECT, SENT
from mailbox_operator.decide.sharing.memory import Memory
from mailbox_operator.decide.status.conditions import TIME_FORMAT

SECONDS_BETWEEN: Final = 60.0
NOTES_PER_INTERVAL: Final = 3
"""Notes of mail that went through, in one `checkInterval`: the check is spared by the last of them."""

MOST_UNDER_WAY: Final = 100
MOST_REMEMBERED: Final = 100_000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class DeliveryNotes:
    """Writes the notes; nobody waits for it, and one that the API server does not take is lost."""

    api: ApiServer
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    _noted: Memory[tuple[str, str], bool] = field(
        default_factory=lambda: Memory(MOST_REMEMBERED, MOST_REMEMBERED), repr=False
    )
    _under_way: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    def sent(self, mailbox: ReadableMailbox) -> None:
        """Take note that the provider took a message."""
        every = mailbox.check_interval.total_seconds() / NOTES_PER_INTERVAL
        self._note(mailbox, SENT, max(every, SECONDS_BETWEEN))

    def troubled(self, mailbox: ReadableMailbox, fault: Fault) -> None:
        """Take note of a limit, and ask for a look where a person has to act; the rest passes."""
        if fault.reason is Reason.SENDING_LIMIT_REACHED:
            self._note(mailbox, LIMITED, SECONDS_BETWEEN)
        elif RULES[fault.reason].retry is Retry.PERSON:
            self._note(mailbox, RECONNECT, SECONDS_BETWEEN)

    async def settle(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._under_way)

    def _note(self, mailbox: ReadableMailbox, annotation: str, every_seconds: float) -> None:
        kind, now = (mailbox.uid, annotation), self.monotonic()
        if self._noted.recall(kind, now) or len(self._under_way) >= MOST_UNDER_WAY:
            return
        self._noted.keep(kind, True, now + every_seconds, now)  # noqa: FBT003 - a value as any other
        task = asyncio.create_task(self._write(mailbox, annotation))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _write(self, mailbox: ReadableMailbox, annotation: str) -> None:
        """Write a note on that very Mailbox; a namesake of it is another one."""
        noted = {"uid": mailbox.uid, "annotations": {annotation: self.now().strftime(TIME_FORMAT)}}
        path = object_path(mailbox.key.kind, mailbox.key.namespace, mailbox.key.name)
        try:
            await self.api.patch(path, {"metadata": noted}, MERGE_PATCH)
        except ApiServerError as error:
            where = {"mailbox": str(mailbox.key), "error": str(error)}
            log.info("note of a message not written", extra=where)
