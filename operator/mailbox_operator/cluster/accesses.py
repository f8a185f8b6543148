"""Hands access tokens to the gateways: one Secret per Mailbox uid, in the operator's namespace.

The operator writes, gateways read. A gateway holds no refresh token and no client secret.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import MERGE_PATCH, ApiServer
from mailbox_operator.cluster.grantsecret import MAILBOX_ANNOTATION
from mailbox_operator.cluster.listing import Listing
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import METADATA_ONLY, ApiReader, find
from mailbox_operator.cluster.secretdata import encoded_value, values_of
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.names import ACCESS, GROUP, access_name, annotations_of
from mailbox_operator.decide.sending.accessrecord import AccessRecord, KeptAccess
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security

RECORD: Final = "record"
VERSION: Final = f"{GROUP}/access-version"
RENEWED_AT: Final = f"{GROUP}/access-renewed-at"
EXPIRES_AT: Final = f"{GROUP}/access-expires-at"
UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError)
"""What a record raises that somebody else wrote."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The records that the operator writes."""

    api: ApiServer
    home: str

    async def kept(self) -> Mapping[str, KeptAccess]:
        """Return what there is, by the uid of the Mailbox; one that cannot be read counts as expired.

        Raises:
            ApiServerError: It was refused, or not answered.
        """
        listing = Listing(self.api, secret_path(self.home), METADATA_ONLY, labels=ACCESS)
        found = [item["metadata"] async for item in listing.items()]
        return {each["name"].removeprefix(access_name("")): _kept(each) for each in found}

    async def keep(self, mailbox: ReadableMailbox, record: AccessRecord, kept: KeptAccess) -> None:
        """Write a record, in place of the one before.

        Raises:
            ApiServerError: It was refused, or not answered.
        """
        body = _manifest(mailbox, record, kept)
        path = secret_path(self.home, access_name(mailbox.uid))
        try:
            await self.api.patch(path, body, MERGE_PATCH)
        except ApiServerError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            await self.api.create(secret_path(self.home), {**body, "type": ACCESS})

    async def remove(self, uid: str) -> None:
        """Delete a record, if it is there.

        Raises:
            ApiServerError: It was refused, or not answered.
        """
        try:
            await self.api.delete(secret_path(self.home, access_name(uid)), {})
        except ApiServerError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise


@dataclass(frozen=True, slots=True)
class Accesses:
    """The records that a gateway reads, each when a session begins."""

    api: ApiReader
    home: str

    async def read(self, uid: str) -> AccessRecord | None:
        """Return the record of a Mailbox; None if there is none that can be read.

        Raises:
            Postponed: The API server does not answer.
        """
        try:
            found = await find(self.api, secret_path(self.home, access_name(uid)))
        except ApiServerError as error:
            raise Postponed(str(error)) from error
        try:
            return _record(found) if found is not None else None
        except UNREADABLE:
            return None


def _kept(metadata: Mapping[str, Any]) -> KeptAccess:
    noted = annotations_of(metadata)
    try:
        times = float(noted[RENEWED_AT]), float(noted[EXPIRES_AT])
    except UNREADABLE:
        return KeptAccess("", 0, 0)
    return KeptAccess(noted.get(VERSION, ""), *times)


def _manifest(mailbox: ReadableMailbox, record: AccessRecord, kept: KeptAccess) -> dict[str, Any]:
    notes = {
        MAILBOX_ANNOTATION: str(mailbox.key),
        VERSION: kept.version,
        RENEWED_AT: str(kept.renewed_at),
        EXPIRES_AT: str(kept.expires_at),
    }
    name, labels = access_name(mailbox.uid), {ACCESS: "true"}
    return {
        "metadata": {"name": name, "labels": labels, "annotations": notes},
        "data": {RECORD: encoded_value(json.dumps(asdict(record)))},
    }


def _record(found: Mapping[str, Any]) -> AccessRecord:
    """Read a record; raises one of UNREADABLE."""
    told = json.loads(values_of(found)[RECORD])
    at = told["endpoint"]
    endpoint = Endpoint(str(at["host"]), int(at["port"]), Security(at["security"]))
    return AccessRecord(
        str(told["login"]),
        str(told["token"]),
        endpoint,
        float(told["expires_at"]),
        bool(told["app_only"]),
        str(told["version"]),
    )
