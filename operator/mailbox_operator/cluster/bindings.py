"""Keeps the Secret with the login of each Sender: written where it is not as it has to be, else left.

A Secret is the Sender's if the Sender's uid owns it; any other one of that name is never changed. The
garbage collector deletes it with its owner, so nothing is deleted here.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final, Protocol

from mailbox_operator.cluster.apiserver import JSON_PATCH, ApiServer
from mailbox_operator.cluster.loginkey import LoginKey
from mailbox_operator.cluster.paths import VERSION, secret_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.secretdata import encoded
from mailbox_operator.cluster.secrets import secret_version
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.names import GROUP
from mailbox_operator.decide.sending.binding import BINDING_TYPE, Binding, GatewayAddress
from mailbox_operator.decide.sending.login import UserName, password_of

TRIES: Final = 3
"""Somebody else may write the Secret meanwhile."""

OVERTAKEN: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND})
REFUSED: Final = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST}
)
"""Answers that the same request gets again."""

FOREIGN: Final = "it was not made for this Sender"
OTHER_TYPE: Final = f"its type is not {BINDING_TYPE}"
IMMUTABLE: Final = "it is immutable"

log = logging.getLogger(__name__)


class Left(Protocol):
    """Remembers how the Secrets of Senders were left."""

    def is_left(self, sender: Subject, digest: bytes) -> bool:
        """Say whether the Secret is the very version that was left with this content."""

    def keep(self, sender: Subject, version: str, digest: bytes) -> None:
        """Remember the version that a Secret was left or found with; no digest where it is not ours."""


def no_certificates() -> bytes:
    """Name no authority: the public ones will do."""
    return b""


@dataclass(frozen=True, slots=True)
class ClusterBindings:
    """Writes the logins.

    Attributes:
        gateway: Where applications reach it.
        certificates: Returns the PEM of the authorities of its certificate; empty for public ones.
    """

    api: ApiServer
    key: LoginKey
    left: Left
    gateway: GatewayAddress
    certificates: Callable[[], bytes] = no_certificates

    async def keep(self, sender: ReadableSender, address: str) -> None:
        """Have the Secret of a Sender contain its login, and the address that it sends from.

        Raises:
            Fault: `SecretNameTaken` or `SecretNotWritten`.
            Postponed: The API server does not answer.
        """
        data = await self._data(sender, address)
        digest = _digest(sender, data)
        if not self.left.is_left(sender, digest):
            version = await self._persist(sender, data)
            self.left.keep(sender, version, digest)

    async def _data(self, sender: ReadableSender, address: str) -> Mapping[str, str]:
        current, *_ = await self.key.keys()
        user_name = UserName(sender.key.namespace, sender.key.name)
        password = password_of(current, sender.uid, sender.spec.revision)
        told = Binding(self.gateway, str(user_name), password, address, self.certificates())
        return encoded(told.content)

    async def _persist(self, sender: ReadableSender, data: Mapping[str, str]) -> str:
        """Write the Secret if it differs, in three tries; return its version."""
        last: ApiServerError | None = None
        for _ in range(TRIES):
            try:
                return secret_version((await self._write(sender, data))["metadata"])
            except ApiServerError as error:
                last = error
                if error.status in REFUSED:
                    facts = {"code": str(error.status)}
                    raise Fault(Reason.SECRET_NOT_WRITTEN, str(error), facts=facts) from error
                if error.status not in OVERTAKEN:
                    break
        log.warning("login not written yet", extra={"object": str(sender.key), "error": str(last)})
        raise Postponed(str(last)) from last

    async def _write(self, sender: ReadableSender, data: Mapping[str, str]) -> Mapping[str, Any]:
        """Create the Secret, or change it if its data differ; return it as it is then."""
        path = secret_path(sender.key.namespace, sender.binding)
        found: Mapping[str, Any] | None = await find(self.api, path)
        written: Mapping[str, Any]
        if found is None:
            place = secret_path(sender.key.namespace)
            written = await self.api.create(place, manifest_of(sender, data))
            return written
        is_same = found.get("data") == data
        problem = _objection(sender, found) or (IMMUTABLE if _is_fixed(found, is_same) else "")
        if problem:
            self.left.keep(sender, secret_version(found["metadata"]), b"")
            raise Fault(Reason.SECRET_NAME_TAKEN, facts={"problem": problem})
        if is_same:
            return found
        written = await self.api.patch(path, _patch(found, data), JSON_PATCH)
        return written


def manifest_of(sender: ReadableSender, data: Mapping[str, str]) -> Mapping[str, Any]:
    """Write the Secret of a Sender, which goes when the Sender goes."""
    owner = {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": sender.key.kind.value,
        "name": sender.key.name,
        "uid": sender.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
    labels = {"app.kubernetes.io/managed-by": "mailbox-operator"}
    metadata = {"name": sender.binding, "labels": labels, "ownerReferences": [owner]}
    return {"metadata": metadata, "type": BINDING_TYPE, "data": data}


def _objection(sender: ReadableSender, found: Mapping[str, Any]) -> str:
    """Say why a Secret is not this Sender's to write; empty if it is."""
    owners = found["metadata"].get("ownerReferences") or ()
    if all(each.get("uid") != sender.uid for each in owners):
        return FOREIGN
    return "" if found.get("type") == BINDING_TYPE else OTHER_TYPE


def _is_fixed(found: Mapping[str, Any], is_same: bool) -> bool:  # noqa: FBT001 - one of two facts
    return bool(found.get("immutable")) and not is_same


def _patch(found: Mapping[str, Any], data: Mapping[str, str]) -> list[dict[str, Any]]:
    """Replace the data of the very version that was read."""
    metadata = found["metadata"]
    version = metadata["resourceVersion"]
    return [
        {"op": "test", "path": "/metadata/uid", "value": metadata["uid"]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
        {"op": "add", "path": "/data", "value": data},
    ]


def _digest(sender: ReadableSender, data: Mapping[str, str]) -> bytes:
    whole = sha256(sender.uid.encode())
    for name, value in sorted(data.items()):
        whole.update(f"\n{name}={value}".encode())
    return whole.digest()
