"""Keeps refused logins, and those under way, in one Secret of the operator's namespace.

It is written over the version that was read or written last, and over no other one, so of replicas
that write at once one succeeds and the others read what it wrote. It holds digests under a key that is
kept beside them, so it lists no accounts, and nothing that a password could be found by. Whatever
cannot be read counts as empty.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Final

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.secretdata import encoded, values_of
from mailbox_operator.decide.names import REFUSED_LOGINS
from mailbox_operator.decide.refusals.ledger import HOUR_SECONDS, KEY_BYTES, MOST_REFUSALS, Refusals
from mailbox_operator.decide.refusals.refused import OPEN, Refusal
from mailbox_operator.decide.refusals.under_way import LONGEST_LOGIN_SECONDS

RECORD_NAME: Final = "mailbox-refused-logins"
KEY: Final = "key"
CONTENT: Final = "refusals"
MOST_ROWS: Final = 2 * MOST_REFUSALS
"""Refusals and logins under way; of more, the last ones count."""
UNUSABLE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RefusalRecord:
    """The Secret, and what is remembered in this process.

    Attributes:
        now: Tells the time of day, which means the same to another process.
        monotonic: Tells the seconds that refusals are remembered by.
        size: Bytes that were read or written last.
    """

    api: ApiServer
    namespace: str
    refusals: Refusals
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    size: int = field(default=0, init=False)
    _version: str = field(default="", init=False)

    async def read(self) -> None:
        """Take over what it says.

        Raises:
            ApiServerError: It was refused, or not answered.
        """
        found = await find(self.api, secret_path(self.namespace, RECORD_NAME))
        if found is None:
            self._version = ""
            return
        self._version = found["metadata"]["resourceVersion"]
        try:
            data = values_of(found)
            self.size = len(data.get(CONTENT, b""))
            key, rows = self._parsed(data)
        except UNUSABLE as error:
            extra = {"secret": RECORD_NAME, "problem": type(error).__name__}
            log.warning("record of refused logins is unusable", extra=extra)
            return
        self.refusals.restore(key, rows, self.monotonic())

    async def write(self) -> None:
        """Write what is remembered, if nobody wrote since it was read.

        Raises:
            ApiServerError: It was refused, or not answered; then it may be written all the same.
        """
        data = self._data()
        if self._version:
            change = {"metadata": {"resourceVersion": self._version}, "data": data}
            written = await self.api.patch(secret_path(self.namespace, RECORD_NAME), change)
        else:
            body = {"metadata": {"name": RECORD_NAME}, "type": REFUSED_LOGINS, "data": data}
            written = await self.api.create(secret_path(self.namespace), body)
        self._version = written["metadata"]["resourceVersion"]

    def _data(self) -> Mapping[str, str]:
        now = self.monotonic()
        age = self.now().timestamp() - now
        rows = [
            [each.mark, ceil(each.at + age), each.accounts, each.namespace]
            for each in self.refusals.rows(now)
        ]
        content = json.dumps(rows, separators=(",", ":")).encode()
        self.size = len(content)
        return encoded({KEY: self.refusals.key, CONTENT: content})

    def _parsed(self, data: Mapping[str, bytes]) -> tuple[bytes, list[Refusal]]:
        """Read a record; what seems to come from the future, or from no time at all, is of now.

        Raises:
            ValueError, TypeError, KeyError, AttributeError, RecursionError: It is none of ours.
        """
        key, rows = data[KEY], json.loads(data[CONTENT])
        if len(key) != KEY_BYTES:
            raise ValueError("no key")
        now, today = self.monotonic(), self.now().timestamp()
        found = []
        for mark, at, accounts, namespace in rows[-MOST_ROWS:]:
            age = max(0.0, today - float(at))
            names = tuple(str(name) for name in accounts)
            longest = HOUR_SECONDS + LONGEST_LOGIN_SECONDS * str(mark).endswith(OPEN)
            if age < longest and names:
                found.append(Refusal(now - age, names, str(namespace), str(mark)))
        return key, found
