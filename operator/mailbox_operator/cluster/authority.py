"""Keeps the gateway's certificate, and the small authority that signs it, in two Secrets.

The authority's key is in a Secret of its own, which the gateway does not read. Each replica looks
once a minute, makes what is due, repairs what somebody damaged or deleted, and writes over what it saw
only. A Secret of the same name that somebody else made is left alone. Time is the API server's.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.known_authorities import ForeignSecretError, Names
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.renewing import AUTHORITIES, renewed
from mailbox_operator.cluster.secretdata import encoded, values_of
from mailbox_operator.cluster.signing import only_certificates
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.names import GATEWAY_CERTIFICATE

MOST_TRIES: Final = 5
MEANWHILE: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND})
"""What the API server answers where somebody else wrote or deleted the Secret."""

LEAF_TYPE: Final = "kubernetes.io/tls"
AUTHORITY_TYPE: Final = "Opaque"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a Secret contains, and its version; nothing and empty if there is none."""

    data: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True)
class OwnAuthority:
    """The operator's own authority, and the certificate that it signs.

    Attributes:
        namespace: The operator's.
        secrets: Where both are kept.
        names: For which the certificate is.
        now: Tells the time of day, by the API server's clock.
    """

    api: ApiServer
    namespace: str
    secrets: Names
    names: Sequence[str]
    now: Callable[[], datetime]

    async def keep(self) -> bytes:
        """Make and repair what is due, and return the authorities.

        Raises:
            ApiServerError: It was refused, or not answered.
            ForeignSecretError: One of the two Secrets is somebody else's.
        """
        for _ in range(MOST_TRIES):
            try:
                return await self._try()
            except ApiServerError as error:
                if error.status not in MEANWHILE:
                    raise
        return await self._try()

    async def _try(self) -> bytes:
        """Bring both Secrets up to date: the authority first, so that it is known before it signs."""
        leaf = await self._read(self.secrets.leaf, LEAF_TYPE)
        authority = await self._read(self.secrets.authority, AUTHORITY_TYPE)
        due = renewed(leaf.data, authority.data, self.names, self.now())
        if authority.data != due.authority:
            await self._write(self.secrets.authority, AUTHORITY_TYPE, due.authority, authority)
            log.info("authority of the gateway written", extra={"secret": self.secrets.authority})
        if leaf.data != due.leaf:
            await self._write(self.secrets.leaf, LEAF_TYPE, due.leaf, leaf)
            log.info("certificate of the gateway written", extra={"secret": self.secrets.leaf})
        return due.leaf[AUTHORITIES]

    async def _read(self, name: str, kind: str) -> Found:
        """Read a Secret of the operator's own.

        Raises:
            ForeignSecretError: Somebody else made it.
        """
        found = await find(self.api, secret_path(self.namespace, name))
        if found is None:
            return Found()
        metadata = found["metadata"]
        if GATEWAY_CERTIFICATE not in (metadata.get("labels") or {}) or found.get("type") != kind:
            raise ForeignSecretError(
                f"Secret {self.namespace}/{name} is not the operator's own: rename or delete it"
            )
        return Found(values_of(found), metadata["resourceVersion"])

    async def _write(self, name: str, kind: str, data: Mapping[str, bytes], over: Found) -> None:
        """Write a Secret, if it still has the version that was seen, or still does not exist."""
        fields: dict[str, str | None] = dict.fromkeys(over.data)
        fields |= encoded(data)
        body: dict[str, Any] = {"data": fields}
        if over.version:
            body["metadata"] = {"resourceVersion": over.version}
            await self.api.patch(secret_path(self.namespace, name), body)
            return
        body |= {"type": kind, "metadata": {"name": name, "labels": {GATEWAY_CERTIFICATE: "true"}}}
        await self.api.create(secret_path(self.namespace), body)


@dataclass(frozen=True, slots=True)
class BroughtAuthority:
    """The authority of a certificate that the platform brings, such as one of cert-manager's.

    Attributes:
        namespace: The operator's.
        secret: Name of the Secret that has it.
    """

    api: ApiServer
    namespace: str
    secret: str

    async def read(self) -> bytes:
        """Return the authority; nothing where applications know it already.

        Raises:
            ApiServerError: It was refused, or not answered; or there is no such Secret.
        """
        found = await self.api.get(secret_path(self.namespace, self.secret))
        return only_certificates(values_of(found).get(AUTHORITIES, b""))
