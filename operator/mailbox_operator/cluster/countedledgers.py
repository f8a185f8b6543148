"""Reads all ledgers that the gateways keep, and removes those that count nothing any more.

They are listed now and then, and not watched: each message changes one, and nobody needs to know at
once. What is kept of one is its text, a tenth of what it takes when it is read.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.ledgers import kept_of
from mailbox_operator.cluster.listing import Listing
from mailbox_operator.cluster.paths import configmap_path
from mailbox_operator.cluster.reader import JSON
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.names import LEDGER
from mailbox_operator.decide.sending.kept import UncountedError
from mailbox_operator.decide.sending.ledger import Ledger, read
from mailbox_operator.decide.status.conditions import read_time

UNUSED: Final = timedelta(hours=48)
"""Twice as long as anything counts, for clocks may differ."""

MOST_REMOVED: Final = 200
"""At one time, one after the other."""

AT_ONCE: Final = 25
"""How many are read before others have their turn: about a millisecond's work."""

OUT_OF_DATE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
NOTHING: Final = Ledger()

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """One ledger as it was listed.

    Attributes:
        created: When the ConfigMap was; None where that cannot be read.
        youngest: When the latest that is in it was sent; None of an empty one.
        text: What is written in it; empty of a damaged one.
        trouble: Why it does not count; empty of one that is not damaged.
    """

    uid: str
    version: str
    created: datetime | None
    youngest: datetime | None = None
    text: str = field(default="", repr=False)
    trouble: str = ""

    def is_unused(self, now: datetime) -> bool:
        """Say whether nothing is in it that anybody may count, and has not been for long."""
        moments = [each for each in (self.created, self.youngest) if each]
        is_known = not self.trouble and self.created is not None
        return is_known and max(moments) < now - UNUSED


@dataclass(slots=True)
class CountedLedgers:
    """All ledgers, as they were when they were last read.

    Attributes:
        namespace: The operator's own.
    """

    api: ApiServer
    namespace: str
    _found: Mapping[str, Found] = field(default_factory=dict)

    def look(self, name: str) -> Ledger:
        """Return a ledger; an empty one where there is none.

        Raises:
            UncountedError: It is damaged.
        """
        found = self._found.get(name)
        if found is None:
            return NOTHING
        if found.trouble:
            raise UncountedError(found.trouble)
        return read(found.text)

    @property
    def damaged(self) -> int:
        """How many are."""
        return sum(bool(each.trouble) for each in self._found.values())

    async def read(self) -> None:
        """Read them all; those that did not change are not looked into again.

        Raises:
            ApiServerError: They cannot be read now. What was read before is still there.
        """
        found = dict[str, Found]()
        listing = Listing(self.api, configmap_path(self.namespace), JSON, labels=f"{LEDGER}=true")
        async for item in listing.items():
            name = item["metadata"]["name"]
            found[name] = self._read(name, item)
            if len(found) % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._found = found

    async def remove_unused(self, now: datetime) -> int:
        """Delete those that nobody used for long, as they were read; return how many.

        Raises:
            ApiServerError: They cannot be deleted now.
        """
        unused = [name for name, each in self._found.items() if each.is_unused(now)][:MOST_REMOVED]
        for name in unused:
            await self._delete(name, self._found[name])
        if unused:
            log.info("unused ledgers removed", extra={"count": len(unused)})
        return len(unused)

    def _read(self, name: str, item: Mapping[str, Any]) -> Found:
        metadata, known = item["metadata"], self._found.get(name)
        uid, version = metadata["uid"], metadata["resourceVersion"]
        if known is not None and (known.uid, known.version) == (uid, version):
            return known
        created = read_time(metadata.get("creationTimestamp", ""))
        try:
            kept = kept_of(name, item)
        except UncountedError as error:
            if known is None or not known.trouble:
                log.warning("ledger damaged", extra={"error": str(error)})
            return Found(uid, version, created, trouble=str(error))
        return Found(uid, version, created, kept.ledger.youngest, kept.token)

    async def _delete(self, name: str, found: Found) -> None:
        same = {"uid": found.uid, "resourceVersion": found.version}
        try:
            path = configmap_path(self.namespace, name)
            await self.api.delete(path, {"preconditions": same})
        except ApiServerError as error:
            if error.status not in OUT_OF_DATE:
                raise
