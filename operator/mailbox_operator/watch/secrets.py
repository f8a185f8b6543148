"""Reads Secrets when they are needed, and keeps the grants that mailboxes were given.

Nothing read here is cached: a corrected password counts from the next attempt on, and the memory of
the operator holds no more credentials than it uses at the moment.
"""

import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from mailbox_operator.apiserver import GROUP, ApiServer, ApiServerError
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.mailbox import Mailbox
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.secret import Secret, missing
from mailbox_operator.ports import Postponed, StoredGrant

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClusterSecrets:
    """Secrets of the cluster."""

    api: ApiServer
    operator_namespace: str

    async def read(self, namespace: str, name: str) -> Secret:
        """Return a Secret.

        Raises:
            Fault: `CredentialsMissing`: there is none of that name.
            Postponed: The API server does not answer.
        """
        try:
            found = await self.api.get(secret_path(namespace, name))
        except ApiServerError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise missing(name, "it does not exist") from error
            raise Postponed(str(error)) from error
        return Secret(name, decoded(found.get("data") or {}))

    async def read_platform(self, name: str) -> Secret:
        """Return a Secret of the operator's own namespace; raises as `read` does."""
        return await self.read(self.operator_namespace, name)


@dataclass(frozen=True, slots=True)
class ClusterGrants:
    """Grants, one Secret per Mailbox uid, in the operator's own namespace.

    A grant that cannot be written stays in memory until it can: it may be the only valid one.
    """

    secrets: ClusterSecrets
    _unwritten: dict[str, tuple[Mailbox, StoredGrant]] = field(default_factory=dict, repr=False)

    async def read(self, uid: str) -> StoredGrant | None:
        """Return the grant of a Mailbox; None if there is none.

        Raises:
            Postponed: The API server does not answer.
        """
        if uid in self._unwritten:
            mailbox, grant = self._unwritten[uid]
            await self.write(mailbox, grant)
            return grant
        try:
            found = await self.secrets.read_platform(grant_name(uid))
        except Fault as fault:
            if fault.reason is Reason.CREDENTIALS_MISSING:
                return None
            raise
        return StoredGrant(
            found.text("refresh-token"), found.text("origin", ""), found.text("scope", "")
        )

    async def write(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Keep a grant; one that cannot be written now is written when it is needed next."""
        self._unwritten[mailbox.uid] = (mailbox, grant)
        try:
            await self._put(_manifest(mailbox, grant))
        except ApiServerError as error:
            log.warning("grant not written yet", extra={"error": str(error), "uid": mailbox.uid})
        else:
            self._unwritten.pop(mailbox.uid, None)

    async def _put(self, body: dict[str, Any]) -> None:
        api, namespace = self.secrets.api, self.secrets.operator_namespace
        try:
            await api.patch(secret_path(namespace, body["metadata"]["name"]), body)
        except ApiServerError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            await api.create(secret_path(namespace), body)


def secret_path(namespace: str, name: str = "") -> str:
    """Return the path of a Secret, or of all of a namespace."""
    return f"/api/v1/namespaces/{namespace}/secrets{f'/{name}' if name else ''}"


def grant_name(uid: str) -> str:
    """Name the Secret that holds the grant of a Mailbox uid."""
    return f"mailbox-grant-{uid}"


def decoded(content: Mapping[str, str]) -> Mapping[str, bytes]:
    """Decode `data` of a Secret as the API server sends it."""
    return {key: base64.b64decode(value) for key, value in content.items()}


def _manifest(mailbox: Mailbox, grant: StoredGrant) -> dict[str, Any]:
    fields = {"refresh-token": grant.refresh_token, "origin": grant.origin, "scope": grant.scope}
    return {
        "metadata": {
            "name": grant_name(mailbox.uid),
            "labels": {f"{GROUP}/grant": "true"},
            "annotations": {f"{GROUP}/mailbox": str(mailbox.key)},
        },
        "stringData": {key: value for key, value in fields.items() if value},
    }
