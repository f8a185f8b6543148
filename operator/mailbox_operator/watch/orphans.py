"""Tidies up after mailboxes that are gone: what they were granted is given back and deleted.

No finalizer holds a Mailbox for this, so `kubectl delete` never hangs, and whatever was deleted while
no operator ran is found at the next start.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from mailbox_operator.apiserver import (
    AUTHORIZATION,
    JSON,
    METADATA_ONLY,
    ApiServer,
    ApiServerError,
    object_path,
)
from mailbox_operator.decide.consent import LIFETIME
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.secret import Secret, decode_secret
from mailbox_operator.decide.status import TIME_FORMAT
from mailbox_operator.decide.words import Kind, Provider
from mailbox_operator.watch.grants import MAILBOX, TOKEN
from mailbox_operator.watch.refs import GRANT, grant_name
from mailbox_operator.watch.secrets import secret_path
from mailbox_operator.watch.store import Store

PAGE: Final = 100
CLOCKS_DIFFER: Final = timedelta(hours=1)
"""A pending consent is kept so much longer: this clock may be ahead of the API server's."""

SOON_SECONDS: Final = 1.0

Revoke = Callable[[Provider, str], Awaitable[None]]
Item = dict[str, Any]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Orphans:
    """Finds what nobody needs any more, and takes it away; the leader's work.

    Attributes:
        revoke: Ends a grant at its provider; raises `Fault` if that is not reached.
        now: Tells the time of day.
    """

    api: ApiServer
    store: Store
    revoke: Revoke
    now: Callable[[], datetime]
    every_seconds: float
    _noticed: asyncio.Event = field(default_factory=asyncio.Event)

    def noticed(self) -> None:
        """Look soon: a Mailbox is gone."""
        self._noticed.set()

    async def run(self) -> None:
        """Tidy up now, at intervals, and when told to; until cancelled."""
        while True:
            self._noticed.clear()
            try:
                await self.tidy()
            except ApiServerError as error:
                log.warning("not tidied up", extra={"error": str(error)})
            await self._pause()

    async def tidy(self) -> None:
        """Take away what nobody needs any more.

        Raises:
            ApiServerError: The API server does not answer.
        """
        async for secret in self._list(GRANT, JSON):
            if await self._is_orphan(secret):
                await self._take_away(secret)
        late = (self.now() - LIFETIME - CLOCKS_DIFFER).strftime(TIME_FORMAT)
        async for secret in self._list(AUTHORIZATION, METADATA_ONLY):
            if secret["metadata"]["creationTimestamp"] < late:
                await self._delete(secret)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self.every_seconds):
                await self._noticed.wait()
        except TimeoutError:
            return
        await asyncio.sleep(SOON_SECONDS)  # whoever deletes one Mailbox may delete many

    async def _is_orphan(self, secret: Item) -> bool:
        """Say whether the Mailbox of a grant is gone; the API server has the last word."""
        metadata = secret["metadata"]
        uid = metadata["name"].removeprefix(grant_name(""))
        if self.store.find(uid) is not None:
            return False
        namespace, _, name = (metadata.get("annotations") or {}).get(MAILBOX, "").partition("/")
        if not namespace or not name:
            log.warning("grant of nobody left alone", extra={"secret": metadata["name"]})
            return False
        query = urlencode({"fieldSelector": f"metadata.name={name}"})
        found = await self.api.get(f"{object_path(Kind.MAILBOX, namespace)}?{query}", METADATA_ONLY)
        return uid not in {each["metadata"]["uid"] for each in found["items"] or ()}

    async def _take_away(self, secret: Item) -> None:
        grant = decode_secret(secret["metadata"]["name"], secret.get("data"))
        extra = {"secret": grant.name, "mailbox": secret["metadata"]["annotations"][MAILBOX]}
        try:
            await self._give_back(grant)
        except Fault as fault:
            log.warning("grant not revoked yet", extra=extra | {"detail": fault.detail})
            return
        await self._delete(secret)
        log.info("grant deleted", extra=extra)

    async def _give_back(self, grant: Secret) -> None:
        """Revoke what somebody consented to; what a tenant brought is the tenant's to revoke.

        A provider ends all that an account granted to a client: whoever else lives by it comes first.
        """
        token, provider = grant.text(TOKEN, ""), grant.text("provider", "")
        came_by_consent = grant.text("consent", "") and token and provider in set(Provider)
        if not came_by_consent:
            return
        account = grant.text("address", "")
        if self.store.shares(Provider(provider), account, besides=""):
            return
        await self.revoke(Provider(provider), token)

    async def _delete(self, secret: Item) -> None:
        metadata = secret["metadata"]
        same = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
        path = secret_path(self.store.operator_namespace, metadata["name"])
        try:
            await self.api.delete(path, {"preconditions": same})
        except ApiServerError as error:
            if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
                raise

    async def _list(self, label: str, accept: str) -> AsyncIterator[Item]:
        token = ""
        while True:
            query = {"labelSelector": label, "limit": str(PAGE), "continue": token}
            given = urlencode({name: value for name, value in query.items() if value})
            place = secret_path(self.store.operator_namespace)
            page: Mapping[str, Any] = await self.api.get(f"{place}?{given}", accept)
            for item in page["items"] or ():
                yield item
            token = page["metadata"].get("continue", "")
            if not token:
                return
