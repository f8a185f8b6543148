"""Follows the Secrets of one place by their metadata alone, as kopf cannot.

kopf lists and watches whole objects: it has no setting for the `Accept` header that asks for
PartialObjectMetadata. So nothing that a Secret holds comes in here, and of its metadata only what
`Intake.take_secret` reads is kept.
"""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from mailbox_operator.clock import spread
from mailbox_operator.cluster.listing import Item, Listing
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import METADATA_EVENTS, METADATA_ONLY, ApiReader
from mailbox_operator.cluster.secrets import IRRELEVANT_TYPES
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.refs import Topic

RELEVANT: Final = ",".join(f"type!={each}" for each in IRRELEVANT_TYPES)
FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 15.0
REFUSALS: Final = 3
"""In a row, until a right is taken as withdrawn: an API server that starts refuses as well."""

NOT_UNDERSTOOD: Final = (ValueError, RecursionError, LookupError, TypeError, AttributeError)
"""What an event raises that is not as the API server writes it."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Informer:
    """Follows the Secrets of a namespace, or of the whole cluster.

    Attributes:
        namespace: Whose; empty for all.
        longest_wait_seconds: Between two tries while the API server refuses or is away.
        version: Up to which resourceVersion it has followed; empty if it has to list first.
        optional: Whether it may lack the right to read here: then there are no Secrets in sight.
        hearing: Takes note of how the watch goes.
    """

    api: ApiReader
    intake: Intake
    namespace: str = ""
    longest_wait_seconds: float = LONGEST_WAIT_SECONDS
    version: str = ""
    optional: bool = False
    hearing: Hearing = field(default_factory=Hearing)
    _wait: float = FIRST_WAIT_SECONDS
    _refusals: int = 0

    async def run(self) -> None:
        """Follow until cancelled, through errors and expired versions."""
        while True:
            pause = 0.0
            try:
                if not self.version:
                    await self.list()
                await self._watch()
            except ApiServerError as error:
                self._note(error)
                pause = error.pause_seconds
            except NOT_UNDERSTOOD as error:
                self._note(ApiServerError(0, misunderstanding(error)))
            wait = max(pause, self._wait * spread(0.5, 1))
            await asyncio.sleep(wait)
            self._wait = min(2 * self._wait, self.longest_wait_seconds)

    async def list(self) -> None:
        """Take in all Secrets, and that those which are not there any more are gone.

        Raises:
            ApiServerError: The listing was refused or not answered.
        """
        before = set(self.intake.store.versions.secrets(self.namespace))
        listing = self.listing()
        async for item in listing.items():
            metadata = item["metadata"]
            before.discard((metadata["namespace"], metadata["name"]))
            self.intake.take_secret(item, listed=True)
        for place in before:
            self.intake.secret_gone(*place, listing.version)
        self.version, self._refusals = listing.version, 0
        self.hearing.want(self.path)
        self.hearing.listed(self.path)

    @property
    def path(self) -> str:
        """Where they are listed and watched."""
        return secret_path(self.namespace)

    def listing(self) -> Listing:
        """Return the listing of all Secrets, by their metadata."""
        return Listing(self.api, self.path, METADATA_ONLY, RELEVANT)

    async def _watch(self) -> None:
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self.version,
            "timeoutSeconds": self.hearing.seconds(self.path),
            "fieldSelector": RELEVANT,
        }
        path = f"{self.path}?{urlencode(query)}"
        async with self.api.lines(path, METADATA_EVENTS) as lines:
            self.hearing.opened(self.path)
            async for line in lines:
                told, item = read_event(line)
                self.hearing.told(self.path)
                if told != "BOOKMARK":
                    self.intake.take_secret(item, deleted=told == "DELETED")
                    place = (item["metadata"]["namespace"], item["metadata"]["name"])
                    self.intake.on_heard((Topic.SECRET, *place))
                self.version = item["metadata"]["resourceVersion"]
                self._wait = FIRST_WAIT_SECONDS
        self.hearing.ended(self.path)

    def _note(self, error: ApiServerError) -> None:
        """Learn from an error how to go on."""
        self.hearing.failed(self.path, str(error), is_listing=not self.version)
        if error.status == HTTPStatus.GONE or self._wait >= self.longest_wait_seconds:
            self.version = ""
        if error.status != HTTPStatus.GONE:
            where = {"namespace": self.namespace, "error": str(error)}
            log.warning("Secrets not watched yet", extra=where)
        self._refusals += 1 if error.status == HTTPStatus.FORBIDDEN else -self._refusals
        if self.optional and self._refusals:
            self.hearing.drop(self.path)  # it is for the namespace's owners to say
        if self.optional and self._refusals == REFUSALS:
            self.version = ""
            self.intake.secrets_gone(self.namespace)


def misunderstanding(error: Exception) -> str:
    """Say that what a watch told cannot be read."""
    return f"not understood: {type(error).__name__}"


def read_event(line: bytes) -> tuple[str, Item]:
    """Read an event of a watch.

    Raises:
        ApiServerError: It says that the watch is over, and why.
    """
    event: dict[str, Any] = json.loads(line)
    told, item = event["type"], event["object"]
    if told == "ERROR":
        raise ApiServerError(int(item.get("code") or 0), str(item.get("reason") or ""))
    return told, item
