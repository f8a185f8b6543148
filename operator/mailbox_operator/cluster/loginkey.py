"""The key that passwords of Senders are derived from: random, in a Secret of the operator's namespace.

`current` is the key that passwords are made with; `previous`, where it is there, is still accepted. A
rotation is one write: what was `current` becomes `previous`, and `current` is left out; then a new one
is made here, and every binding Secret is written again. Deleting `previous` ends it.

If the Secret is deleted while the operator runs, it is written again with the keys that are known.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import MERGE_PATCH, ApiServer
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.secretdata import encoded_value, values_of
from mailbox_operator.cluster.secrets import secret_version
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.names import GROUP

CURRENT: Final = "current"
PREVIOUS: Final = "previous"
LEAST_BYTES: Final = 32
MAKE_AGAIN_SECONDS: Final = 2.0
TRIES: Final = 3
"""Another replica may be faster, or somebody writes the Secret meanwhile."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class LoginKey:
    """The keys, once they are read.

    Attributes:
        namespace: The operator's own.
        name: Of the Secret.
        version: Tells which version of it the watch knows; empty if none.
        learned: Hears which version was read or written.
    """

    api: ApiServer
    namespace: str
    name: str
    version: Callable[[], str]
    learned: Callable[[str], object]
    _keys: tuple[bytes, ...] = field(default=(), repr=False)
    _read: str = ""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def make(self) -> None:
        """Have a key, so that gateways know all logins before there is one; try until there is."""
        while not self._keys:
            try:
                await self.keys()
            except Postponed:
                await asyncio.sleep(MAKE_AGAIN_SECONDS)

    async def keys(self) -> tuple[bytes, ...]:
        """Return the current key, then the previous one if there is one.

        Raises:
            Postponed: The API server does not say.
        """
        async with self._turn:
            if not self._keys or self._read != self.version():
                await self._load()
        return self._keys

    async def _load(self) -> None:
        error: ApiServerError | None = None
        for _ in range(TRIES):
            try:
                found = await self._find_or_make()
            except ApiServerError as refused:
                error = refused
                if error.status != HTTPStatus.CONFLICT:
                    break
            else:
                self._keys, self._read = keys_of(found), secret_version(found["metadata"])
                self.learned(self._read)
                return
        log.warning("login key not read", extra={"error": str(error)})
        raise Postponed(str(error)) from error

    async def _find_or_make(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] | None = await find(
            self.api, secret_path(self.namespace, self.name)
        )
        if found is None:
            return await self._make()
        return found if keys_of(found) else await self._renew(found)

    async def _make(self) -> Mapping[str, Any]:
        keys = self._keys or (secrets.token_bytes(LEAST_BYTES),)
        named = dict(zip((CURRENT, PREVIOUS), map(encoded_value, keys), strict=False))
        metadata = {"name": self.name, "labels": {f"{GROUP}/login-key": "true"}}
        body = {"metadata": metadata, "data": named}
        made: Mapping[str, Any] = await self.api.create(secret_path(self.namespace), body)
        return made

    async def _renew(self, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a current key where somebody left it out, or one that is too short."""
        log.info("login key renewed")
        patch = {
            "metadata": {"resourceVersion": found["metadata"]["resourceVersion"]},
            "data": {CURRENT: encoded_value(secrets.token_bytes(LEAST_BYTES))},
        }
        path = secret_path(self.namespace, self.name)
        written: Mapping[str, Any] = await self.api.patch(path, patch, MERGE_PATCH)
        return written


def keys_of(secret: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Read the keys of a Secret, the current one first; none without a current one."""
    values = values_of(secret)
    current, previous = (_key(values.get(name, b"")) for name in (CURRENT, PREVIOUS))
    return tuple(filter(None, (current, previous))) if current else ()


def _key(value: bytes) -> bytes:
    """Return a key; empty where it is too short to be one."""
    return value if len(value) >= LEAST_BYTES else b""
