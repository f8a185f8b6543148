"""Writes the grant of a consent over the very version that was seen, unless a later one is there."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mailbox_operator.cluster.apiserver import JSON_PATCH, ApiServer
from mailbox_operator.cluster.grantsecret import consent_of, manifest_of
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import find
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.grants.precedence import Consent, Precedence, precedence
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.names import grant_name

WAITS_SECONDS: Final = (0.5, 1.0, 2.0, 4.0)
"""After each try but the last: as long as a person waits."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Giving:
    """Writes what somebody just granted.

    Attributes:
        home: The operator's namespace.
        now: Tells the time of day.
    """

    api: ApiServer
    home: str
    now: Callable[[], datetime]

    async def give(self, mailbox: ReadableMailbox, grant: StoredGrant, after: str) -> bool:
        """Write a grant, in five tries; say whether it is the one that counts.

        Where another process writes the Secret meanwhile, it is read and decided again.

        Raises:
            Postponed: The API server does not take it.
        """
        for seconds in WAITS_SECONDS:
            try:
                return await self._try(mailbox, grant, after)
            except ApiServerError as error:
                log.warning("grant not written yet", extra={"error": str(error)})
            await asyncio.sleep(seconds)
        try:
            return await self._try(mailbox, grant, after)
        except ApiServerError as error:
            raise Postponed(str(error)) from error

    async def _try(self, mailbox: ReadableMailbox, grant: StoredGrant, after: str) -> bool:
        path = secret_path(self.home, grant_name(mailbox.uid))
        standing: Mapping[str, Any] | None = await find(self.api, path)
        given = Consent(grant.consent, grant.consented)
        match precedence(given, consent_of(standing) if standing else None, after):
            case Precedence.COUNTS:
                await self._write(manifest_of(mailbox, grant, self.now()), standing)
                return True
            case Precedence.WRITTEN:
                return True
            case Precedence.OVERTAKEN:
                log.info("grant not written: a later consent stands", extra={"uid": mailbox.uid})
                return False

    async def _write(self, body: dict[str, Any], standing: Mapping[str, Any] | None) -> None:
        """Create a Secret, or replace all that the version contains that was seen."""
        if standing is None:
            await self.api.create(secret_path(self.home), body)
            return
        metadata, seen = body["metadata"], standing["metadata"]
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": seen["uid"]},
            {
                "op": "replace",
                "path": "/metadata/resourceVersion",
                "value": seen["resourceVersion"],
            },
            {"op": "add", "path": "/data", "value": body["data"]},
            {"op": "add", "path": "/metadata/labels", "value": metadata["labels"]},
            {"op": "add", "path": "/metadata/annotations", "value": metadata["annotations"]},
        ]
        await self.api.patch(secret_path(self.home, metadata["name"]), patch, JSON_PATCH)
