"""Lists objects in pages that are bounded in bytes: tenants decide how large an object is."""

import logging
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from mailbox_operator.cluster.answers import LARGE_BYTES, MIB, MOST_ANSWER_BYTES
from mailbox_operator.cluster.paths import object_path
from mailbox_operator.cluster.reader import ApiReader
from mailbox_operator.cluster.unanswered import TooLargeError
from mailbox_operator.decide.declared.resource import Key

FIRST_PAGE: Final = 50
LARGEST_PAGE: Final = 500
PAGE_BYTES: Final = LARGE_BYTES
"""What a page is meant to have. The next one is as long as the last one's objects were large."""
MOST_PAGE_BYTES: Final = MIB
"""What a page of several objects may have; one that has more is asked for again, shorter."""

CONTINUE: Final = re.compile(r'"continue":"([^"\\]*)"')
ITEMS: Final = b'"items":'

Item = dict[str, Any]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Listing:
    """One listing, from its first page to its last.

    Attributes:
        accept: In which form objects are listed.
        selector: Of fields; empty for all objects.
        labels: Selector of labels; empty for all objects.
        version: The resourceVersion of the list, once it is read.
        page: How many objects the next page has.
    """

    api: ApiReader
    path: str
    accept: str
    selector: str = ""
    labels: str = ""
    version: str = ""
    page: int = FIRST_PAGE

    async def items(self) -> AsyncIterator[Item]:
        """Return all objects.

        Raises:
            ApiServerError: It was refused, not answered, or took longer than the list is kept.
        """
        token = ""
        while True:
            found = await self._page(token)
            for item in found["items"] or ():  # null, where the metadata of nothing is listed
                yield item
            self.version = found["metadata"].get("resourceVersion", "")
            token = found["metadata"].get("continue", "")
            if not token:
                return

    async def _page(self, token: str) -> dict[str, Any]:
        """Read a page; shorten it until it fits."""
        query = {
            "continue": token,
            "fieldSelector": self.selector,
            "labelSelector": self.labels,
        }
        given = {name: value for name, value in query.items() if value}
        while True:
            path = f"{self.path}?{urlencode({**given, 'limit': self.page})}"
            most = MOST_PAGE_BYTES if self.page > 1 else MOST_ANSWER_BYTES
            try:
                size, found = await self.api.measure(path, self.accept, most)
            except TooLargeError as error:
                if self.page == 1:
                    return self._passed_over(error.beginning)
                self.page = max(1, self.page // 8)
                continue
            fitting = self.page * PAGE_BYTES // max(size, 1)
            self.page = max(1, min(fitting, 2 * self.page, LARGEST_PAGE))
            page: dict[str, Any] = found
            return page

    def _passed_over(self, beginning: bytes) -> dict[str, Any]:
        """Go on behind an object that is too large to be read even alone."""
        log.warning("object too large to be listed", extra={"path": self.path})
        token = CONTINUE.search(beginning.partition(ITEMS)[0].decode(errors="replace"))
        metadata = {"continue": token[1]} if token else {}
        return {"items": [], "metadata": metadata}


async def named(api: ApiReader, key: Key, accept: str) -> Sequence[Item]:
    """Return the object of a key, if it is there.

    It is listed: the operator has no right to get one, as it has no other need for that.

    Raises:
        ApiServerError: It was refused, or not answered.
    """
    query = urlencode({"fieldSelector": f"metadata.name={key.name}"})
    found = await api.get(f"{object_path(key.kind, key.namespace)}?{query}", accept)
    items: Sequence[Item] = found["items"] or ()
    return items
