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
"""So long may a gateway accept the logins of a key that was removed just now."""

APART_SECONDS: Final = 1.0
"""Between two looks that logins ask for: strangers who guess cost the API server no more than that."""

PATIENCE_SECONDS: Final = 3.0
"""How long a login waits for such a look."""

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
    apart_seconds: float = APART_SECONDS
    patience_seconds: float = PATIENCE_SECONDS
    is_there: asyncio.Event = field(default_factory=asyncio.Event)
    _keys: tuple[bytes, ...] = field(default=(), repr=False)
    _next: asyncio.Task[bool] | None = None
    _due: float = 0.0

    def keys(self) -> tuple[bytes, ...]:
        """Return the current key, then the one before, if there is one; none at the start."""
        return self._keys

    async def run(self) -> None:
        """Read them until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.look_seconds)

    async def look(self) -> bool:
        """Read them once, and say whether the API server answered."""
        try:
            found = keys_of(await self.api.get(secret_path(self.namespace, self.name)))
        except ApiServerError as error:
            log.debug("login key not read", extra={"error": str(error)})
            return False
        if found:
            self._keys = found
            self.is_there.set()
        return True

    async def look_again(self) -> bool:
        """Wait for a look that begins from now on; all who ask before it begins share it.

        It is not waited for longer than `patience_seconds`.

        Returns:
            Whether the API server answered by then.
        """
        look = self._next = self._next or asyncio.create_task(self._look_in_time())
        await asyncio.wait((look,), timeout=self.patience_seconds)
        return look.done() and look.result()

    async def _look_in_time(self) -> bool:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._due - loop.time())
        self._due, self._next = loop.time() + self.apart_seconds, None
        return await self.look()
