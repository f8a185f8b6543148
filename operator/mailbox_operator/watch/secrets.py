"""Reads Secrets when they are needed.

What an attempt has read is kept in memory for the next one as long as the watch tells of no newer
version: a fleet that is checked every few minutes asks the API server for nothing. Secrets that no
attempt needs never come in here.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.apiserver import ApiServer, ApiServerError
from mailbox_operator.decide.secret import Secret, decode_secret, missing
from mailbox_operator.ports import Postponed

MOST_KEPT: Final = 50_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClusterSecrets:
    """Secrets of the cluster.

    Attributes:
        version: Tells which version of a Secret the watch knows; empty if none.
    """

    api: ApiServer
    operator_namespace: str
    version: Callable[[str, str], str]
    _kept: OrderedDict[tuple[str, str], tuple[str, Secret]] = field(
        default_factory=OrderedDict, repr=False
    )

    async def read(self, namespace: str, name: str) -> Secret:
        """Return a Secret.

        Raises:
            Fault: `CredentialsMissing`: there is none of that name.
            Postponed: The API server does not answer.
        """
        version, kept = self._kept.get((namespace, name), ("", None))
        if kept is not None and version == self.version(namespace, name):
            return kept
        try:
            found = await self.api.get(secret_path(namespace, name))
        except ApiServerError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise missing(name, "it does not exist") from error
            where = {"namespace": namespace, "secret": name}
            log.warning("secret not read yet", extra={"error": str(error), **where})
            raise Postponed(str(error)) from error
        secret = decode_secret(name, found.get("data"))
        self._keep(namespace, secret_version(found["metadata"]), secret)
        return secret

    async def read_platform(self, name: str) -> Secret:
        """Return a Secret of the operator's own namespace; raises as `read` does."""
        return await self.read(self.operator_namespace, name)

    def forget(self, namespace: str, name: str) -> None:
        """Read a Secret anew next time: the operator changed it, and the watch tells of it later."""
        self._kept.pop((namespace, name), None)

    def _keep(self, namespace: str, version: str, secret: Secret) -> None:
        place = (namespace, secret.name)
        self._kept[place] = (version, secret)
        self._kept.move_to_end(place)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def secret_version(metadata: Mapping[str, Any]) -> str:
    """Return what tells one version of a Secret from another, a re-created one included."""
    return f"{metadata['uid']}/{metadata['resourceVersion']}"


def secret_path(namespace: str, name: str = "") -> str:
    """Return the path of a Secret, or of all of a namespace; of all at all, where it is empty."""
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"/api/v1{scope}/secrets{f'/{name}' if name else ''}"
