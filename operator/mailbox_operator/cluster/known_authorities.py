"""Knows the authorities of the gateway's certificate, wherever they come from.

Without a gateway there are none, and this module loads nothing that reads certificates.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from mailbox_operator.cluster.unanswered import ApiServerError

LOOK_SECONDS: Final = 60.0
AGAIN_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


class ForeignSecretError(Exception):
    """A Secret of that name is not the operator's own."""


def unheard() -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the two Secrets."""

    leaf: str
    authority: str


@dataclass(slots=True)
class KnownAuthorities:
    """The authorities of the gateway's certificate, as applications are given them.

    Attributes:
        find: Finds them out: PEM, empty where there is none to tell of.
        on_changed: Called when they are others than before.
        pem: The last ones that were found.
    """

    find: Callable[[], Awaitable[bytes]]
    on_changed: Callable[[], None] = unheard
    look_seconds: float = LOOK_SECONDS
    again_seconds: float = AGAIN_SECONDS
    pem: bytes = b""
    _trouble: str = ""

    async def load(self) -> None:
        """Find them before the first application is told; waits for an API server that is away."""
        while True:
            if not await self.look():
                return
            await asyncio.sleep(self.again_seconds)

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            await asyncio.sleep(self.look_seconds)
            await self.look()

    async def look(self) -> bool:
        """Look once; what stands in the way is logged once, and what was found before still counts.

        Returns:
            Whether there was no answer, so that the next look may find what this one did not.
        """
        try:
            found = await self.find()
        except ForeignSecretError as error:
            return self._failed(str(error), is_passing=False)
        except ApiServerError as error:
            is_passing = not error.status or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            return self._failed(str(error), is_passing=is_passing)
        self._trouble = ""
        if found != self.pem:
            self.pem = found
            self.on_changed()
        return False

    def _failed(self, trouble: str, *, is_passing: bool) -> bool:
        if trouble != self._trouble:
            log.warning("certificate of the gateway not kept", extra={"error": trouble})
        self._trouble = trouble
        return is_passing
