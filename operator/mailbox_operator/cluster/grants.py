"""Keeps the grants that mailboxes were given: one Secret per Mailbox uid, where tenants do not read.

Two write here: a consent, which takes the place of all but a later consent, and a refresh that brought
a newer token, which takes the place of the one it was made with and of no other.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final

from mailbox_operator import clock
from mailbox_operator.cluster.apiserver import JSON_PATCH, ApiServer
from mailbox_operator.cluster.giving import Giving
from mailbox_operator.cluster.grantsecret import (
    TOKEN,
    data_of,
    grant_of,
    is_too_long,
    manifest_of,
)
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.secretdata import encoded_value
from mailbox_operator.cluster.secrets import ClusterSecrets
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.names import grant_name

MOST_UNWRITTEN: Final = 10_000
WRITE_AGAIN_SECONDS: Final = 5.0
MOST_TRIES_WITHOUT_MAILBOX: Final = 720
"""Of a token whose Mailbox is gone: an hour of them."""

LAST_WRITE_SECONDS: Final = 2.0
SOMEBODY_ELSE: Final = frozenset(
    {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND}
)
"""What the API server answers where the token to be replaced is not there any more."""

log = logging.getLogger(__name__)


def anybody(_uid: str) -> bool:
    """Take every Mailbox as one that exists."""
    return True


@dataclass(slots=True)
class Unwritten:
    """A token that is not written yet.

    Attributes:
        grant: The newest one of the chain.
        sent: Tokens that were sent without an answer, so one of them may be written.
        refusals: How often the API server did not take it.
        turn: Held while it is written.
    """

    mailbox: ReadableMailbox
    grant: StoredGrant = field(repr=False)
    sent: set[str] = field(default_factory=set, repr=False)
    refusals: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def stands(self, token: str) -> None:
        """Have the newest token replace this one."""
        self.grant = replace(self.grant, replaces=token)


@dataclass(frozen=True, slots=True)
class ClusterGrants:
    """Grants of the cluster. One that cannot be written now stays in memory until it can.

    Attributes:
        exists: Whether there is a Mailbox of a uid. A token of one that is gone is written as well, for
            another Mailbox may take its grant over; it is tried for an hour, and dropped first where
            there are too many.
        again_seconds: Between two tries to write what could not be written.
        now: Tells the time of day; rather too early than too late, as a grant that was given before its
            Secret was created is taken for a backup's, and kept.
    """

    api: ApiServer
    secrets: ClusterSecrets
    exists: Callable[[str], bool] = anybody
    again_seconds: float = WRITE_AGAIN_SECONDS
    now: Callable[[], datetime] = field(default=clock.now)
    _unwritten: dict[str, Unwritten] = field(default_factory=dict, repr=False)

    async def read(self, uid: str) -> StoredGrant | None:
        """Return the grant of a Mailbox; None if there is none.

        Raises:
            Postponed: The API server does not answer.
        """
        held = self._unwritten.get(uid)
        if held is not None:
            await self._write(held)
            if uid in self._unwritten:
                return held.grant
        try:
            found = await self.secrets.read_platform(grant_name(uid))
        except Fault as fault:
            if fault.reason is Reason.CREDENTIALS_MISSING:
                return None
            raise
        return grant_of(found) if found.text(TOKEN, "") else None

    async def rotate(self, mailbox: ReadableMailbox, grant: StoredGrant) -> None:
        """Keep a newer token of the chain, unless what it replaces was replaced meanwhile."""
        if is_too_long(mailbox, grant):
            log.warning("grant not kept: it is too long", extra={"uid": mailbox.uid})
            return
        held = self._unwritten.setdefault(mailbox.uid, Unwritten(mailbox, grant))
        held.mailbox, held.grant = mailbox, grant
        self._make_room()
        await self._write(held)

    async def run(self) -> None:
        """Write what could not be written, until cancelled."""
        while True:
            await asyncio.sleep(self.again_seconds)
            await self.write_all()

    async def flush(self) -> None:
        """Write what is not written yet, before this process ends and forgets it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WRITE_SECONDS):
                await self.write_all()

    async def accept(self, mailbox: ReadableMailbox, grant: StoredGrant, after: str) -> None:
        """Keep a grant that somebody just gave, unless a later one is kept; the watch tells of it.

        Raises:
            Postponed: The API server does not take it, so it is lost.
        """
        giving = Giving(self.api, self.secrets.operator_namespace, self.now)
        counts = await giving.give(mailbox, grant, after)
        held = self._unwritten.get(mailbox.uid)
        if counts and held is not None and held.grant.consent != grant.consent:
            del self._unwritten[mailbox.uid]  # it replaces a token of an earlier consent
        self._forget_read(mailbox.uid)

    async def write_all(self) -> set[str]:
        """Write what is not written yet; return the uids of what still is not."""
        for held in list(self._unwritten.values()):
            await self._write(held)
        return set(self._unwritten)

    async def _write(self, held: Unwritten) -> None:
        """Write a token, and one that came meanwhile after it; a second caller finds it written."""
        async with held.turn:
            while self._unwritten.get(held.mailbox.uid) is held:
                grant = held.grant
                try:
                    await self._swap(held.mailbox, grant)
                    held.stands(grant.refresh_token)
                except ApiServerError as error:
                    extra = {"error": str(error), "uid": held.mailbox.uid}
                    if error.status not in SOMEBODY_ELSE:
                        held.sent.add(grant.refresh_token)
                        log.warning("grant not written yet", extra=extra)
                        self._refused(held)
                        return
                    if held.sent:
                        held.stands(held.sent.pop())
                        continue
                    log.info("grant not written: what it replaces is gone", extra=extra)
                if held.grant.refresh_token == grant.refresh_token:
                    self._settled(held.mailbox)

    def _refused(self, held: Unwritten) -> None:
        """Count a refusal; a token whose Mailbox is gone is not kept for ever."""
        uid, held.refusals = held.mailbox.uid, held.refusals + 1
        if held.refusals >= MOST_TRIES_WITHOUT_MAILBOX and not self.exists(uid):
            log.warning("grant of a deleted Mailbox not written", extra={"uid": uid})
            self._settled(held.mailbox)

    def _settled(self, mailbox: ReadableMailbox) -> None:
        self._unwritten.pop(mailbox.uid, None)
        self._forget_read(mailbox.uid)

    def _forget_read(self, uid: str) -> None:
        self.secrets.forget(self.secrets.operator_namespace, grant_name(uid))

    def _make_room(self) -> None:
        """Drop one too many: the oldest of those whose Mailbox is gone, or else the oldest."""
        gone = (uid for uid in self._unwritten if not self.exists(uid))
        if len(self._unwritten) > MOST_UNWRITTEN:
            del self._unwritten[next(gone, next(iter(self._unwritten)))]

    async def _swap(self, mailbox: ReadableMailbox, grant: StoredGrant) -> None:
        """Compare and swap: an answer that was lost on its way is found out as done already."""
        if not grant.replaces:
            await self.api.create(self._path(), manifest_of(mailbox, grant, self.now()))
            return
        patch = [
            {"op": "test", "path": f"/data/{TOKEN}", "value": encoded_value(grant.replaces)},
            {"op": "add", "path": "/data", "value": data_of(mailbox, grant)},
        ]
        await self.api.patch(self._path(grant_name(mailbox.uid)), patch, JSON_PATCH)

    def _path(self, name: str = "") -> str:
        return secret_path(self.secrets.operator_namespace, name)
