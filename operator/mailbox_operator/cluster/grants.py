"""Keeps the grants that mailboxes were given: one Secret per Mailbox uid, where tenants do not read.

Two write here: a consent, which takes the place of whatever there was, and a refresh that brought a
newer token, which takes the place of the one it was made with and of no other.
"""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from mailbox_operator.cluster.apiserver import JSON_PATCH, ApiServer, ApiServerError
from mailbox_operator.cluster.secrets import ClusterSecrets, secret_path
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.secret import LIMITS, Secret
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.names import CONSENT, GRANT, GRANTED, GROUP, grant_name
from mailbox_operator.decide.status.conditions import TIME_FORMAT

MAILBOX: Final = f"{GROUP}/mailbox"
TOKEN: Final = "refresh-token"
TRIES: Final = 5
MOST_UNWRITTEN: Final = 10_000
FIRST_RETRY_SECONDS: Final = 0.5
WRITE_AGAIN_SECONDS: Final = 5.0
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
        turn: Held while it is written.
    """

    mailbox: Mailbox
    grant: StoredGrant = field(repr=False)
    sent: set[str] = field(default_factory=set, repr=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def stands(self, token: str) -> None:
        """Have the newest token replace this one."""
        self.grant = replace(self.grant, replaces=token)


@dataclass(frozen=True, slots=True)
class ClusterGrants:
    """Grants of the cluster. One that cannot be written now stays in memory until it can.

    Attributes:
        exists: Whether there is a Mailbox of a uid. A token of one that is gone is dropped: nobody logs
            in with it any more, and whatever grant was written is seen to with the Mailbox.
        again_seconds: Between two tries to write what could not be written.
        now: Tells the time of day; rather too early than too late, as a grant that was given before its
            Secret was created is taken for a backup's, and kept.
    """

    secrets: ClusterSecrets
    exists: Callable[[str], bool] = anybody
    again_seconds: float = WRITE_AGAIN_SECONDS
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
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

    async def rotate(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Keep a newer token of the chain, unless what it replaces was replaced meanwhile."""
        if any(len(text) > LIMITS[key] for key, text in _content(mailbox, grant).items()):
            log.warning("grant not kept: it is too long", extra={"uid": mailbox.uid})
            return
        self.forget_gone()
        held = self._unwritten.setdefault(mailbox.uid, Unwritten(mailbox, grant))
        held.mailbox, held.grant = mailbox, grant
        if len(self._unwritten) > MOST_UNWRITTEN:
            del self._unwritten[next(iter(self._unwritten))]
        await self._write(held)

    async def run(self) -> None:
        """Write what could not be written, until cancelled."""
        while True:
            await asyncio.sleep(self.again_seconds)
            await self._write_all()

    async def flush(self) -> None:
        """Write what is not written yet, before this process ends and forgets it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WRITE_SECONDS):
                await self._write_all()

    async def accept(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Keep a grant that somebody just gave, in place of any other; the watch tells of it.

        Raises:
            Postponed: The API server does not take it, so it is lost.
        """
        await _persist(lambda: self._put(_manifest(mailbox, grant, self.now())))
        self._settled(mailbox)

    def forget_gone(self) -> None:
        """Drop what waits to be written for Mailboxes that are gone."""
        for uid in [uid for uid in self._unwritten if not self.exists(uid)]:
            del self._unwritten[uid]

    async def _write_all(self) -> None:
        self.forget_gone()
        for held in list(self._unwritten.values()):
            await self._write(held)

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
                        return
                    if held.sent:
                        held.stands(held.sent.pop())
                        continue
                    log.info("grant not written: what it replaces is gone", extra=extra)
                if held.grant.refresh_token == grant.refresh_token:
                    self._settled(held.mailbox)

    def _settled(self, mailbox: Mailbox) -> None:
        self._unwritten.pop(mailbox.uid, None)
        self.secrets.forget(self.secrets.operator_namespace, grant_name(mailbox.uid))

    async def _swap(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Compare and swap: an answer that was lost on its way is found out as done already."""
        if not grant.replaces:
            await self._api.create(self._path(), _manifest(mailbox, grant, self.now()))
            return
        patch = [
            {"op": "test", "path": f"/data/{TOKEN}", "value": _encoded(grant.replaces)},
            {"op": "add", "path": "/data", "value": _data(mailbox, grant)},
        ]
        await self._api.patch(self._path(grant_name(mailbox.uid)), patch, JSON_PATCH)

    async def _put(self, body: dict[str, Any]) -> None:
        """Create a Secret, or replace all that is in it."""
        try:
            await self._api.create(self._path(), body)
        except ApiServerError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            metadata = body["metadata"]
            patch = [
                {"op": "add", "path": "/data", "value": body["data"]},
                {"op": "add", "path": "/metadata/labels", "value": metadata["labels"]},
                {"op": "add", "path": "/metadata/annotations", "value": metadata["annotations"]},
            ]
            await self._api.patch(self._path(metadata["name"]), patch, JSON_PATCH)

    @property
    def _api(self) -> ApiServer:
        return self.secrets.api

    def _path(self, name: str = "") -> str:
        return secret_path(self.secrets.operator_namespace, name)


async def _persist(write: Callable[[], Awaitable[None]]) -> None:
    """Write again while the API server is away, for as long as a person waits."""
    for tries in range(TRIES):
        try:
            await write()
        except ApiServerError as error:
            if tries == TRIES - 1:
                raise Postponed(str(error)) from error
            log.warning("grant not written yet", extra={"error": str(error)})
            await asyncio.sleep(FIRST_RETRY_SECONDS * 2**tries)
        else:
            return


def grant_of(secret: Secret) -> StoredGrant:
    """Read a grant."""
    return StoredGrant(
        refresh_token=secret.text(TOKEN),
        origin=secret.text("origin", ""),
        scope=secret.text("scope", ""),
        identity=secret.text("identity", ""),
        client=secret.text("client-id", ""),
        consent=secret.text("consent", ""),
        login=secret.text("login", ""),
        account=secret.text("account", ""),
        replaces=secret.text(TOKEN),
    )


def _content(mailbox: Mailbox, grant: StoredGrant) -> Mapping[str, str]:
    assert mailbox.spec is not None
    fields = {
        TOKEN: grant.refresh_token,
        "origin": grant.origin,
        "scope": grant.scope,
        "identity": grant.identity,
        "client-id": grant.client,
        "consent": grant.consent,
        "login": grant.login,
        "account": grant.account,
        "provider": mailbox.spec.provider.value,
        "address": mailbox.spec.address,
    }
    return {key: value for key, value in fields.items() if value}


def _data(mailbox: Mailbox, grant: StoredGrant) -> Mapping[str, str]:
    return {key: _encoded(value) for key, value in _content(mailbox, grant).items()}


def _manifest(mailbox: Mailbox, grant: StoredGrant, now: datetime) -> dict[str, Any]:
    written = now.strftime(TIME_FORMAT)
    named = {MAILBOX: str(mailbox.key), CONSENT: grant.consent, GRANTED: written}
    return {
        "metadata": {
            "name": grant_name(mailbox.uid),
            "labels": {GRANT: "true"},
            "annotations": {name: value for name, value in named.items() if value},
        },
        "data": _data(mailbox, grant),
    }


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
