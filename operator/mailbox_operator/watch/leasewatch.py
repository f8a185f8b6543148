"""Watches the operator's own Lease, to find out whether what a watch tells arrives in time.

The Lease is written every few seconds as long as anybody leads, and every replica reads or writes it
anyway. Nothing is done with what this watch tells, but that it came.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from mailbox_operator.clock import spread
from mailbox_operator.cluster.paths import lease_path
from mailbox_operator.cluster.reader import METADATA_EVENTS, ApiReader
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.informer import NOT_UNDERSTOOD, misunderstanding, read_event

LEASE_FIRST_WAIT_SECONDS: Final = 0.5
LEASE_LONGEST_WAIT_SECONDS: Final = 10.0


@dataclass(slots=True)
class LeaseWatch:
    """Follows one Lease.

    Attributes:
        namespace: Of the Lease.
        name: Of the Lease.
        hearing: Takes note of how the watch goes.
    """

    api: ApiReader
    namespace: str
    name: str
    hearing: Hearing
    _wait: float = LEASE_FIRST_WAIT_SECONDS

    async def run(self) -> None:
        """Follow until cancelled, through errors."""
        self.hearing.expect(self.path)
        while True:
            try:
                await self._watch()
            except ApiServerError as error:
                self.hearing.failed(self.path, str(error), is_listing=False)
            except NOT_UNDERSTOOD as error:
                self.hearing.failed(self.path, misunderstanding(error), is_listing=False)
            await asyncio.sleep(self._wait * spread(0.5, 1))
            self._wait = min(2 * self._wait, LEASE_LONGEST_WAIT_SECONDS)

    @property
    def path(self) -> str:
        """Where Leases are."""
        return lease_path(self.namespace)

    def known(self, version: str) -> None:
        """Take note of a version that was read or written: the watch has to tell it."""
        self.hearing.known(self.path, version)

    async def _watch(self) -> None:
        """Watch once; without a resourceVersion the API server begins with the Lease as it stands."""
        query = {
            "watch": "true",
            "fieldSelector": f"metadata.name={self.name}",
            "timeoutSeconds": self.hearing.seconds(self.path),
        }
        async with self.api.lines(f"{self.path}?{urlencode(query)}", METADATA_EVENTS) as lines:
            self.hearing.opened(self.path)
            async for line in lines:
                _, item = read_event(line)
                self.hearing.told(self.path, item["metadata"]["resourceVersion"])
                self._wait = LEASE_FIRST_WAIT_SECONDS
        self.hearing.ended(self.path)
