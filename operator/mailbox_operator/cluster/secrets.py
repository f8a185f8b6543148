"""Reads Secrets when they are needed.

What an attempt has read is kept in memory for the next one as long as the watch tells of no newer
version: a fleet that is checked every few minutes asks the API server for nothing. The contents of
Secrets that no attempt needs never come in here, and those of deleted ones do not stay.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.kept import KeptSecrets
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import ApiReader
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.secret import Secret, decode_secret, missing
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.names import ACCESS, PENDING_CONSENT, REFUSED_LOGINS
from mailbox_operator.places import Places

IRRELEVANT_TYPES: Final = (
    "helm.sh/release.v1",
    "kubernetes.io/service-account-token",
    ACCESS,
    PENDING_CONSENT,
    REFUSED_LOGINS,
)
"""Types of Secrets that are nobody's credentials; they are not watched."""

READS_AT_ONCE: Final = 25
"""Each has a connection with the API server, of a tenth of a megabyte."""

NOT_READABLE: Final = (
    "the operator may not read the Secrets of this namespace: the platform team has to bind its"
    " ClusterRole for Secrets there"
)

log = logging.getLogger(__name__)


def ignore_secret(namespace: str, version: str, secret: Secret) -> None:
    """Tell nobody what was read."""


@dataclass(frozen=True, slots=True)
class ClusterSecrets:
    """Secrets of the cluster.

    Attributes:
        version: Tells which version of a Secret the watch knows; empty if none.
        learned: Hears of each Secret that was read from the API server, and its version.
        namespaced: Whether the operator has its right to read Secrets namespace by namespace.
        places: How many are read at once.
    """

    api: ApiReader
    operator_namespace: str
    version: Callable[[str, str], str]
    learned: Callable[[str, str, Secret], None] = ignore_secret
    namespaced: bool = False
    kept: KeptSecrets = field(default_factory=KeptSecrets, repr=False)
    places: Places = field(default_factory=lambda: Places(READS_AT_ONCE), repr=False)

    async def read(self, namespace: str, name: str) -> Secret:
        """Return a Secret.

        Raises:
            Fault: `CredentialsMissing`: there is none of that name, or it may not be read.
            Postponed: The API server does not answer.
        """
        kept = self.kept.find(namespace, name)
        if kept is not None and kept.version == self.version(namespace, name):
            return kept.secret
        self.kept.forget(namespace, name)
        try:
            async with self.places.one(namespace):
                found = await self.api.get(secret_path(namespace, name))
            version = secret_version(found["metadata"])
        except ApiServerError as error:
            raise self._trouble(error, namespace, name) from error
        secret = decode_secret(name, found.get("data"))
        if found.get("type") not in IRRELEVANT_TYPES:  # nobody would tell of the next version
            self.kept.keep(namespace, version, secret)
            self.learned(namespace, version, secret)
        return secret

    async def read_platform(self, name: str) -> Secret:
        """Return a Secret of the operator's own namespace; raises as `read` does."""
        return await self.read(self.operator_namespace, name)

    def forget(self, namespace: str, name: str) -> None:
        """Keep nothing of a Secret: it is read again when it is needed again."""
        self.kept.forget(namespace, name)

    def _trouble(self, error: ApiServerError, namespace: str, name: str) -> Fault | Postponed:
        if error.status == HTTPStatus.NOT_FOUND:
            return missing(name, "it does not exist")
        tenants = self.namespaced and namespace != self.operator_namespace
        if error.status == HTTPStatus.FORBIDDEN and tenants:
            return missing(name, NOT_READABLE)
        where = {"namespace": namespace, "secret": name}
        log.warning("secret not read yet", extra={"error": str(error), **where})
        return Postponed(str(error))


def secret_version(metadata: Mapping[str, Any]) -> str:
    """Return what tells one version of a Secret from another, a re-created one included."""
    return f"{metadata['uid']}/{metadata['resourceVersion']}"
