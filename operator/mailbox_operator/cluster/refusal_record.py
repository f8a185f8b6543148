"""Keeps refused logins where the next leader finds them: in one Secret of the operator's namespace.

The leader writes it, and only after a login was refused. It holds digests under a key that is kept
beside them, so it lists no accounts, and nothing that a password could be found by. Whatever cannot
be read counts as empty.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Final

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.secretdata import encoded, values_of
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.names import REFUSED_LOGINS
from mailbox_operator.decide.refusals.ledger import HOUR_SECONDS, KEY_BYTES, MOST_REFUSALS, Refusals
from mailbox_operator.decide.refusals.refused import Refusal

RECORD_NAME: Final = "mailbox-refused-logins"
KEY: Final = "key"
CONTENT: Final = "refusals"
PAUSE_SECONDS: Final = 3.0
"""Between two writes; what was refused meanwhile is lost with a process that is killed."""
AFTER_TROUBLE_SECONDS: Final = 30.0
READ_AGAIN_SECONDS: Final = 1.0
LAST_RECORD_SECONDS: Final = 2.0
LAST_TRIES: Final = 2
MEANWHILE: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND})
"""What the API server answers where another process wrote or deleted the Secret."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RefusalRecord:
    """The Secret, and what is remembered in this process.

    Attributes:
        news: Set whenever there is one refusal more.
        now: Tells the time of day, which means the same to another process.
        monotonic: Tells the seconds that refusals are remembered by.
    """

    api: ApiServer
    namespace: str
    refusals: Refusals
    news: asyncio.Event
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    _version: str = field(default="", init=False)

    async def load(self) -> None:
        """Take over what former leaders kept; waits for an API server that does not answer."""
        while True:
            try:
                await self._read()
            except ApiServerError as error:
                log.warning("refused logins not read", extra={"error": str(error)})
                if error.status == HTTPStatus.FORBIDDEN:
                    return
                await asyncio.sleep(READ_AGAIN_SECONDS)
            else:
                return

    async def run(self) -> None:
        """Write after each refusal, but not too often; until cancelled."""
        while True:
            await self.news.wait()
            await asyncio.sleep(await self._write())

    async def flush(self) -> None:
        """Write what is not written yet, before another replica leads."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_RECORD_SECONDS):
                for _ in range(LAST_TRIES):
                    if self.news.is_set():
                        await self._write()

    async def _write(self) -> float:
        """Write once; return the seconds until it may be written again."""
        self.news.clear()
        try:
            await self._put()
        except ApiServerError as error:
            self.news.set()
            if error.status in MEANWHILE:
                await self.load()
                return PAUSE_SECONDS
            log.warning("refused logins not written yet", extra={"error": str(error)})
            return AFTER_TROUBLE_SECONDS
        return PAUSE_SECONDS

    async def _put(self) -> None:
        data = self._data()
        if self._version:
            change = {"metadata": {"resourceVersion": self._version}, "data": data}
            written = await self.api.patch(secret_path(self.namespace, RECORD_NAME), change)
        else:
            body = {"metadata": {"name": RECORD_NAME}, "type": REFUSED_LOGINS, "data": data}
            written = await self.api.create(secret_path(self.namespace), body)
        self._version = written["metadata"]["resourceVersion"]

    async def _read(self) -> None:
        found = await find(self.api, secret_path(self.namespace, RECORD_NAME))
        if found is None:
            self._version = ""
            return
        self._version = found["metadata"]["resourceVersion"]
        try:
            key, refusals = self._parsed(values_of(found))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            extra = {"secret": RECORD_NAME, "problem": type(error).__name__}
            log.warning("record of refused logins is unusable", extra=extra)
            return
        self.refusals.restore(key, refusals)

    def _data(self) -> Mapping[str, str]:
        age = self.now().timestamp() - self.monotonic()
        rows = [
            [each.mark, int(each.at + age), each.accounts, each.namespace]
            for each in self.refusals.recent(self.monotonic())
        ]
        content = json.dumps(rows, separators=(",", ":")).encode()
        return encoded({KEY: self.refusals.key, CONTENT: content})

    def _parsed(self, data: Mapping[str, bytes]) -> tuple[bytes, Iterable[Refusal]]:
        """Read a record; what seems to come from the future, or from no time at all, is of now.

        Raises:
            ValueError, TypeError, KeyError, AttributeError, RecursionError: It is none of ours.
        """
        key, rows = data[KEY], json.loads(data[CONTENT])
        if len(key) != KEY_BYTES:
            raise ValueError("no key")
        now, today = self.monotonic(), self.now().timestamp()
        found = []
        for mark, at, accounts, namespace in rows[-MOST_REFUSALS:]:
            age = max(0.0, today - float(at))
            names = tuple(str(name) for name in accounts)
            if age < HOUR_SECONDS and names:
                found.append(Refusal(now - age, names, str(namespace), str(mark)))
        return key, found
