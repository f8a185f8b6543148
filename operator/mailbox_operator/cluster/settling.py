"""Carries out at the API server, and at the provider, what was decided about a grant."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import MERGE_PATCH, ApiServer
from mailbox_operator.cluster.grantsecret import TOKEN
from mailbox_operator.cluster.listing import Item, Listing, named
from mailbox_operator.cluster.notes import Notes, changes, inherited
from mailbox_operator.cluster.paths import namespace_path, secret_path
from mailbox_operator.cluster.reader import JSON, METADATA_EVENTS, METADATA_ONLY, find
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import decode_secret
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.names import ORPHANED
from mailbox_operator.decide.texts.addresses import is_same_mailbox
from mailbox_operator.decide.words import Provider

OUT_OF_DATE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
"""What the API server answers where a Secret is gone, or is not what it was."""

OUT_OF_SIGHT: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)
"""What it answers for a namespace that is gone: with it went the Role that lets the operator look."""

Revoke = Callable[[Provider, str], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settling:
    """The hand that writes, revokes and deletes; each step counts for one version of a Secret only.

    Attributes:
        home: The operator's namespace.
        revoke: Ends a grant at its provider; raises `Fault` if that is not reached.
    """

    api: ApiServer
    home: str
    revoke: Revoke

    def listed(self, label: str, accept: str) -> AsyncIterator[Item]:
        """Return the operator's own Secrets that have a label.

        Raises:
            ApiServerError: It was refused, or not answered.
        """
        return Listing(self.api, secret_path(self.home), accept, labels=label).items()

    async def note(self, metadata: Mapping[str, Any], notes: Notes, *, orphaned: bool) -> bool:
        """Write notes onto a Secret; say whether there was something to write, and it was written.

        Raises:
            ApiServerError: The API server does not answer.
        """
        patch = changes(metadata, notes, orphaned=orphaned)
        if patch is None:
            return False
        try:
            await self.api.patch(self._path(metadata), patch, MERGE_PATCH)
        except ApiServerError as error:
            if error.status not in OUT_OF_DATE:
                raise
            return False
        return True

    async def adopt(self, metadata: Mapping[str, Any], heir: Mailbox, now: datetime) -> bool:
        """Give a grant to another Mailbox; say whether that has it now.

        The new Secret is there before the old one goes, so the grant is never without one. Where
        somebody has consented meanwhile, that is newer and stays.

        Raises:
            ApiServerError: The API server does not answer.
        """
        secret = await self._read_again(metadata)
        if secret is None:
            return False
        try:
            path = secret_path(self.home)
            await self.api.create(path, inherited(secret, heir.key, heir.uid, now))
        except ApiServerError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            return False
        await self.delete(metadata)
        return True

    async def end(self, metadata: Mapping[str, Any], *, revoked: bool) -> bool:
        """Delete a grant, and revoke it before if asked to; say whether that is done.

        Raises:
            ApiServerError: The API server does not answer.
        """
        secret = await self._read_again(metadata)
        if secret is None:
            return False
        kept = decode_secret(metadata["name"], secret.get("data"))
        try:
            if revoked:
                await self.revoke(Provider(kept.text("provider")), kept.text(TOKEN))
        except Fault as fault:
            named = {"secret": metadata["name"], "detail": fault.detail}
            log.warning("grant not revoked yet", extra=named)
            return False
        await self.delete(metadata)
        return True

    async def keeps(self, provider: Provider, account: str) -> bool:
        """Say whether a grant whose Mailbox is gone lives by what an account granted.

        Raises:
            Postponed: The API server does not answer.
        """
        try:
            return any([_is_of(x, provider, account) async for x in self.listed(ORPHANED, JSON)])
        except ApiServerError as error:
            raise Postponed(str(error)) from error

    async def delete(self, metadata: Mapping[str, Any]) -> None:
        """Delete a Secret, unless it is another one, or another version, by now.

        Raises:
            ApiServerError: The API server does not answer.
        """
        same = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
        try:
            await self.api.delete(self._path(metadata), {"preconditions": same})
        except ApiServerError as error:
            if error.status not in OUT_OF_DATE:
                raise

    async def namespace(self, name: str) -> Item | None:
        """Return the metadata of a tenant's namespace; None if it is gone, or going.

        Raises:
            ApiServerError: The API server does not answer.
        """
        try:
            found: Item = await self.api.get(namespace_path(name), METADATA_EVENTS)
        except ApiServerError as error:
            if error.status not in OUT_OF_SIGHT:
                raise
            return None
        metadata: Item = found["metadata"]
        return None if metadata.get("deletionTimestamp") else metadata

    async def present(self, key: Key) -> set[str]:
        """Return the uid of the Mailbox that has this name now, as the API server says.

        Raises:
            ApiServerError: The API server does not answer.
        """
        return {each["metadata"]["uid"] for each in await named(self.api, key, METADATA_ONLY)}

    async def _read_again(self, metadata: Mapping[str, Any]) -> Item | None:
        """Read a Secret again; None if it is not what it was."""
        found: Item | None = await find(self.api, self._path(metadata))
        version = metadata["resourceVersion"]
        return found if found and found["metadata"]["resourceVersion"] == version else None

    def _path(self, metadata: Mapping[str, Any]) -> str:
        return secret_path(self.home, metadata["name"])


def _is_of(secret: Mapping[str, Any], provider: Provider, account: str) -> bool:
    """Say whether a grant is of an account; one that cannot be read may be."""
    kept = decode_secret(secret["metadata"]["name"], secret.get("data"))
    try:
        theirs = kept.text("account", "") or kept.text("address", "")
        return kept.text("provider", "") == provider and is_same_mailbox(theirs, account)
    except Fault:
        return True
