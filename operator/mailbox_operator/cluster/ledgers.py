"""Keeps what was sent as each address in a ConfigMap of its own, in the operator's namespace.

A change names the whole content that it replaces, so that of two gateways one succeeds and the other
reads again (RFC 6902 section 4.6). Who may write here could send without limit, and nothing more.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import JSON_PATCH, ApiServer
from mailbox_operator.cluster.paths import configmap_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.names import LEDGER
from mailbox_operator.decide.sending.kept import Kept, UncountedError
from mailbox_operator.decide.sending.ledger import DamagedError, Ledger, read, written

DATA: Final = "ledger"
OVERTAKEN: Final = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
)
"""What a change is answered that came too late: another content, another object, or none any more."""


@dataclass(frozen=True, slots=True)
class ClusterLedgers:
    """Reads and changes ledgers at the API server.

    Attributes:
        namespace: The operator's own.
    """

    api: ApiServer
    namespace: str

    async def read(self, name: str) -> Kept:
        """Read one; an empty one where there is none.

        Raises:
            UncountedError: It cannot be read, or is damaged: somebody has to delete it.
        """
        try:
            found = await find(self.api, configmap_path(self.namespace, name))
        except ApiServerError as error:
            raise UncountedError(f"ConfigMap {name}: {error}") from error
        return kept_of(name, found) if found is not None else Kept(Ledger())

    async def swap(self, name: str, before: Kept, after: Ledger) -> Kept | None:
        """Change one; None if it is another than `before` by now.

        Raises:
            UncountedError: It is not known whether it was changed.
        """
        text = written(after)
        try:
            if before.token:
                await self.api.patch(self._path(name), _change(before.token, text), JSON_PATCH)
            else:
                await self.api.create(self._path(), _manifest(name, text))
        except ApiServerError as error:
            if error.status in OVERTAKEN:
                return None
            raise UncountedError(f"ConfigMap {name}: {error}") from error
        return Kept(after, text)

    def _path(self, name: str = "") -> str:
        return configmap_path(self.namespace, name)


def kept_of(name: str, body: Any) -> Kept:
    """Read the ledger in a ConfigMap.

    Raises:
        UncountedError: It is damaged; an empty one in its place would allow a day's mail once more.
    """
    text = (body.get("data") or {}).get(DATA, "")
    try:
        return Kept(read(text), text)
    except DamagedError as error:
        raise UncountedError(
            f"ConfigMap {name} is damaged: delete it to count from zero again"
        ) from error


def _change(before: str, after: str) -> list[dict[str, Any]]:
    """Write a change. Who owns the fields is not recorded: a ledger would be half as large again.

    Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
    """
    path = f"/data/{DATA}"
    return [
        {"op": "test", "path": path, "value": before},
        {"op": "replace", "path": path, "value": after},
        {"op": "add", "path": "/metadata/managedFields", "value": [{}]},
    ]


def _manifest(name: str, text: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {LEDGER: "true"}}, "data": {DATA: text}}
