"""The keys of logins as a gateway knows them: it reads them now and then, and makes none."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.cluster.loginkey import keys_of
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import ApiReader
from mailbox_operator.cluster.unanswered import ApiServerError

LOOK_SECONDS: Final = 5.0
"""So long may a gateway refuse the logins of a key that was replaced just now."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class FollowedKeys:
    """The keys that passwords are derived with; those that were read last stay while none are found.

    Attributes:
        name: Of the Secret in the operator's namespace.
        is_there: Set once there are keys.
    """

    api: ApiReader
    namespace: str
    name: str
    look_seconds: float = LOOK_SECONDS
    is_there: asyncio.Event = field(default_factory=asyncio.Event)
    _keys: tuple[bytes, ...] = field(default=(), repr=False)

    def keys(self) -> tuple[bytes, ...]:
        """Return the current key, then the one before, if there is one; none at the start."""
        return self._keys

    async def run(self) -> None:
        """Read them until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.look_seconds)

    async def look(self) -> None:
        """Read them once."""
        try:
            found = keys_of(await self.api.get(secret_path(self.namespace, self.name)))
        except ApiServerError as error:
            log.debug("login key not read", extra={"error": str(error)})
            return
        if found:
            self._keys = found
            self.is_there.set()
