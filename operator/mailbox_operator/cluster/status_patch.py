"""Writes one status at the API server: of the very object that was seen, as it was seen."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mailbox_operator.cluster.apiserver import JSON_PATCH, ApiServer
from mailbox_operator.cluster.listing import named
from mailbox_operator.cluster.paths import object_path
from mailbox_operator.cluster.reader import JSON
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.status.conditions import Status, render_status
from mailbox_operator.decide.words import Kind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StatusWriter:
    """Writes statuses, and reads what stands in place of one that was refused.

    Attributes:
        written: Takes in each object as the API server returned it.
    """

    api: ApiServer
    written: Callable[[Kind, Mapping[str, Any]], None]

    async def write(self, seen: Subject, status: Status) -> None:
        """Replace the status as a whole, of the very object that was seen and not of a namesake.

        Raises:
            ApiServerError: It was not taken: 409 where the object was written since it was seen, 422
                where it is another one by now.
        """
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": seen.uid},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": seen.version},
            {"op": "add", "path": "/status", "value": render_status(status)},
        ]
        key = seen.key
        path = f"{object_path(key.kind, key.namespace, key.name)}/status"
        self.written(key.kind, await self.api.patch(path, patch, JSON_PATCH))

    async def read(self, key: Key) -> None:
        """Have an object taken in that somebody else wrote; trouble is no news."""
        try:
            found = await named(self.api, key, JSON)
        except ApiServerError as error:
            log.info("object not read again", extra={"object": str(key), "error": str(error)})
            return
        for body in found:
            self.written(key.kind, body)
