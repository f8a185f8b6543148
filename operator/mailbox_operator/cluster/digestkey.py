"""The key that digests of Secrets are made with: random, the same for all replicas, kept at home.

Without it a digest says nothing, so nobody tests guesses of a password with what a status shows. If it
is deleted, a new one is made; then the seals of statuses tell nothing until they are written again.
"""

import asyncio
import logging
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.secretdata import encoded, values_of
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.secret import Secret, digest_of
from mailbox_operator.decide.names import GROUP

KEY_FIELD: Final = "key"
BYTES: Final = 32
KEY_RETRY_SECONDS: Final = 2.0
FINAL_STATUSES: Final = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST}
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class DigestKey:
    """Digests with the key, once it is known.

    Attributes:
        name: Of the Secret that has it.
    """

    api: ApiServer
    namespace: str
    name: str
    _key: bytes = field(default=b"", repr=False)

    def digest(self, namespace: str, secret: Secret) -> bytes:
        """Digest what is used of a Secret; empty as long as there is no key."""
        return digest_of(namespace, secret, self._key) if self._key else b""

    async def load(self) -> None:
        """Read the key, or make it; one that cannot be kept is good until this process ends."""
        while not self._key:
            try:
                self._key = await self._find() or await self._make()
            except ApiServerError as error:
                if error.status in FINAL_STATUSES:
                    log.warning("digest key not stored", extra={"error": str(error)})
                    self._key = secrets.token_bytes(BYTES)
                elif error.status != HTTPStatus.CONFLICT:
                    await asyncio.sleep(KEY_RETRY_SECONDS)

    async def _find(self) -> bytes:
        found = await find(self.api, secret_path(self.namespace, self.name))
        return _key_of(found) if found is not None else b""

    async def _make(self) -> bytes:
        """Create the Secret; another replica may be first.

        Raises:
            ApiServerError: It was not created.
        """
        key = secrets.token_bytes(BYTES)
        body = {
            "metadata": {"name": self.name, "labels": {f"{GROUP}/digest-key": "true"}},
            "data": encoded({KEY_FIELD: key}),
        }
        await self.api.create(secret_path(self.namespace), body)
        return key


def _key_of(found: Any) -> bytes:
    """Read the key; a Secret that somebody emptied stands for one that nobody can use any more."""
    key = values_of(found).get(KEY_FIELD, b"")
    return key if len(key) >= BYTES else secrets.token_bytes(BYTES)
