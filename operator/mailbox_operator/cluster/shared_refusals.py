"""Counts password logins over all replicas: each is put down in the record before it is sent.

So a login that is cut off by the end of the process counts as refused, and of two replicas none begins
a login that the other's leave no room for. One write puts down all logins that wait (group commit);
what ended meanwhile goes with it, or a second later.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from mailbox_operator.clock import spread
from mailbox_operator.cluster.login_queue import Found, LoginQueue
from mailbox_operator.cluster.refusal_record import RefusalRecord
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import Busy, Free, Held, Refusals
from mailbox_operator.decide.refusals.refused import Answer, End
from mailbox_operator.decide.refusals.under_way import Permit

BYTES_A_SECOND: Final = 160_000
"""What one replica writes of the record in the long run: all of it, at its largest."""
LEAST_PAUSE_SECONDS: Final = 0.1
SETTLE_SECONDS: Final = 1.0
"""How long what ended waits for a login to be put down with it."""
AFTER_TROUBLE_SECONDS: Final = 30.0
TRY_AGAIN_SECONDS: Final = 1.0
LAST_RECORD_SECONDS: Final = 2.0
MOST_TRIES: Final = 6
"""Of one write that other replicas' come before."""
FIRST_NAP_SECONDS: Final = 0.01
OVERTAKEN: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND})
"""What the API server answers where another process wrote or deleted the Secret."""
UNWRITABLE: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""What it answers where there will be no record until somebody changes a right, or the Secret."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SharedRefusals:
    """Counts in this process, and in the record."""

    record: RefusalRecord
    _queue: LoginQueue = field(init=False)
    _is_ahead: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _trouble: str = ""
    _alone_until: float = float("-inf")

    def __post_init__(self) -> None:
        self._queue = LoginQueue(self.refusals, self.monotonic, self._release)

    @property
    def refusals(self) -> Refusals:
        """What is remembered."""
        return self.record.refusals

    @property
    def monotonic(self) -> Callable[[], float]:
        """Tells the seconds that refusals are remembered by."""
        return self.record.monotonic

    async def begin(self, digest: Callable[[], TriedLogin]) -> Permit | Held:
        """Count a login as under way, once there is room; one that is not trusted is put down first."""
        while True:
            login = digest()
            match self.refusals.ask(login, self.monotonic()):
                case Held() as held:
                    return held
                case Free() if self._is_alone or self.refusals.trusts(login):
                    return self.refusals.begin(login)
                case Free():
                    found = await self._put_down(digest)
                    if not isinstance(found, Busy):
                        return found
                case Busy():
                    if self.refusals.waits_for_others:
                        self._ask()
                    await self._changed.wait()

    def end(self, permit: Permit, end: End, answer: Answer | None) -> None:
        """Count a login as over, and let those go on that wait for it."""
        refused = self.refusals.end(permit, end, self.monotonic(), answer)
        if refused or not permit.trusted:
            self._is_ahead = True
            self._news.set()
        self._tell()

    async def load(self) -> None:
        """Take over what is kept; waits for an API server that does not answer."""
        while True:
            try:
                await self.record.read()
            except ApiServerError as error:
                log.warning("refused logins not read", extra={"error": str(error)})
                if error.status == HTTPStatus.FORBIDDEN:
                    return
                await asyncio.sleep(TRY_AGAIN_SECONDS)
            else:
                return

    async def run(self) -> None:
        """Write what is to be put down, at once but not too often; until cancelled."""
        while True:
            await self._news.wait()
            if not self._asked.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(
                        AFTER_TROUBLE_SECONDS if self._trouble else SETTLE_SECONDS
                    ):
                        await self._asked.wait()
            await asyncio.sleep(await self._commit())

    async def flush(self) -> None:
        """Write what is not written yet, before this replica ends."""
        if self._is_ahead:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_RECORD_SECONDS):
                    await self._commit()

    @property
    def _is_alone(self) -> bool:
        """Whether there is no record for now, for want of a right: then this process counts alone."""
        return self.monotonic() < self._alone_until

    def _ask(self) -> None:
        self._asked.set()
        self._news.set()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _put_down(self, digest: Callable[[], TriedLogin]) -> Found:
        waiting = self._queue.add(digest)
        self._ask()
        return await self._queue.outcome(waiting)

    def _release(self, permit: Permit) -> None:
        self.end(permit, End.OTHER, None)

    async def _commit(self) -> float:
        """Put down the logins that wait, and read what others put down; return seconds to pause."""
        self._news.clear()
        self._asked.clear()
        try:
            await self._exchange()
        except ApiServerError as error:
            return self._explain(error)
        finally:
            self._tell()
        self._trouble = ""
        return pause_seconds(self.record.size)

    async def _exchange(self) -> None:
        """Write, or read if there is nothing to write; where another replica wrote first, both.

        Raises:
            ApiServerError: It was refused, not answered, or overtaken too often.
        """
        nap = FIRST_NAP_SECONDS
        if not self._queue and not self._is_ahead:
            await self.record.read()
        for tries_left in reversed(range(MOST_TRIES)):
            try:
                await self._write()
            except ApiServerError as error:
                if error.status not in OVERTAKEN or not tries_left:
                    raise
            else:
                return
            await asyncio.sleep(spread(0, nap))
            nap *= 2
            await self.record.read()

    async def _write(self) -> None:
        begun = self._queue.admit()
        if not begun and not self._is_ahead:
            return
        was_ahead, self._is_ahead = self._is_ahead, False
        try:
            await self.record.write()
        except BaseException as error:
            overtaken = isinstance(error, ApiServerError) and error.status in OVERTAKEN
            self._is_ahead |= was_ahead or not overtaken  # without an answer it may be written
            self._queue.take_back(begun)
            raise
        self._queue.let_go(begun)

    def _explain(self, error: ApiServerError) -> float:
        """Say why nothing was written, once; return seconds until it is tried again."""
        self._news.set()
        if self._queue:
            self._asked.set()
        if error.status in OVERTAKEN:
            return pause_seconds(self.record.size) * spread(0, 1)
        if str(error) != self._trouble:
            log.warning("refused logins not written yet", extra={"error": str(error)})
        self._trouble = str(error)
        if error.status in UNWRITABLE:
            self._alone_until = self.monotonic() + AFTER_TROUBLE_SECONDS
            self._queue.send_back()
        return TRY_AGAIN_SECONDS


def pause_seconds(size: int) -> float:
    """Return how long a replica leaves a record of so many bytes alone after it was written."""
    return max(LEAST_PAUSE_SECONDS, size / BYTES_A_SECOND)
