"""Keeps a valid access token at hand for every Mailbox that a Sender sends through.

Only here, on the replica that works on the Mailbox, are refresh tokens exchanged: however many
gateways there are, a chain of refresh tokens has one end.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.machine.case import Case, shown_version
from mailbox_operator.decide.sending.accessrecord import (
    RENEWED_BEFORE_SECONDS,
    AccessRecord,
    KeptAccess,
)
from mailbox_operator.decide.words import Provider

LOOK_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 30.0
"""After a token that was not handed over."""

AT_ONCE: Final = 20

log = logging.getLogger(__name__)


class AccessSource(Protocol):
    """Has access tokens of one provider's mailboxes."""

    async def access(self, case: Case, after: float) -> AccessRecord:
        """Return the token that is kept if it expires after that time, else a new one.

        Args:
            case: The mailbox.
            after: Seconds since 1970 (UTC).

        Raises:
            Fault: Why there is none.
            Postponed: Another replica may lead by now.
        """


class AccessStore(Protocol):
    """Holds records where gateways read them; each call raises `NotKept` where it is out of reach."""

    async def kept(self) -> Mapping[str, KeptAccess]:
        """Return what there is, by the uid of the Mailbox."""

    async def keep(self, mailbox: ReadableMailbox, record: AccessRecord, kept: KeptAccess) -> None:
        """Write a record, in place of the one before."""

    async def remove(self, uid: str) -> None:
        """Delete a record, if it is there."""


@dataclass(slots=True)
class AccessKeeper:
    """Hands tokens over before the ones before expire, and takes back what nobody sends by.

    Attributes:
        wanted: Names the mailboxes that are sent through and connected by token; asked at each look.
        case: Returns one with its inputs; None where the verdict on it is not about them any more.
        sources: By provider.
        unreachable: What the store raises where it is out of reach.
        on_trouble: Hears of each Mailbox that there is no token for: its next check is due.
        now: Seconds since 1970 (UTC).
        look_seconds: Between two looks at what is wanted.
        is_foreign: Whether another operator or replica hands over for a Mailbox of that uid.
    """

    wanted: Callable[[], Iterable[ReadableMailbox]]
    case: Callable[[ReadableMailbox], Case | None]
    sources: Mapping[Provider, AccessSource]
    store: AccessStore
    unreachable: type[Exception]
    on_trouble: Callable[[Key], None]
    now: Callable[[], float]
    look_seconds: float = LOOK_SECONDS
    is_foreign: Callable[[str], bool] = lambda _: False
    _is_loaded: bool = False
    _kept: dict[str, KeptAccess] = field(default_factory=dict)
    _again: dict[str, float] = field(default_factory=dict)
    _replaced: set[str] = field(default_factory=set)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def run(self) -> None:
        """Keep records until cancelled; what another replica handed over is taken as it is."""
        while True:
            if not self._is_loaded:
                self._is_loaded = await self._tried(self.load())
            if self._is_loaded:
                await self.look()
            await asyncio.sleep(self.look_seconds)

    def refreshed(self, case: Case) -> None:
        """Take note that a token was fetched: what is handed over may be the one that was refused."""
        self._replaced.add(case.mailbox.uid)

    def reload(self) -> None:
        """Take over again what others have handed over, before the next look."""
        self._is_loaded = False

    async def load(self) -> None:
        """Take over what another replica has handed over."""
        self._kept = dict(await self.store.kept())

    async def look(self) -> None:
        """Hand over what is due, and take back what nobody wants."""
        now, wanted = self.now(), {mailbox.uid: mailbox for mailbox in self.wanted()}
        due = [mailbox for mailbox in wanted.values() if self._is_due(mailbox, now)]
        unwanted = self._kept.keys() - wanted.keys()
        foreign = {uid for uid in unwanted if self.is_foreign(uid)}
        self._kept = {uid: kept for uid, kept in self._kept.items() if uid not in foreign}
        self._again = {uid: at for uid, at in self._again.items() if uid in wanted}
        self._replaced &= wanted.keys()
        async with asyncio.TaskGroup() as group:
            for case in filter(None, map(self.case, due)):
                group.create_task(self._hand_over(case))
            for uid in unwanted - foreign:
                group.create_task(self._take_back(uid))

    def _is_due(self, mailbox: ReadableMailbox, now: float) -> bool:
        uid, version = mailbox.uid, shown_version(mailbox)
        kept = self._kept.get(uid)
        is_due = kept is None or uid in self._replaced or kept.is_due(version, now)
        return is_due and now >= self._again.get(uid, 0)

    async def _hand_over(self, case: Case) -> None:
        uid, kept = case.mailbox.uid, self._kept.get(case.mailbox.uid)
        self._again[uid] = self.now() + AGAIN_SECONDS
        async with self._places:
            try:
                after = max(self.now() + RENEWED_BEFORE_SECONDS, kept.expires_at if kept else 0)
                record = await self.sources[case.mailbox.provider].access(case, after)
            except Postponed:
                return
            except Fault as fault:
                why = {"mailbox": str(case.mailbox.key), "reason": fault.reason.value}
                log.info("no access token for the gateways", extra=why)
                self.on_trouble(case.mailbox.key)
                return
            self._replaced.discard(uid)
            record = replace(record, version=shown_version(case.mailbox))
            handed = KeptAccess.of(record.version, record, self.now())
            if await self._tried(self.store.keep(case.mailbox, record, handed)):
                self._kept[uid] = handed
                self._again.pop(uid, None)
            else:
                self._replaced.add(uid)

    async def _take_back(self, uid: str) -> None:
        async with self._places:
            if await self._tried(self.store.remove(uid)):
                self._kept.pop(uid, None)

    async def _tried(self, step: Awaitable[None]) -> bool:
        try:
            await step
        except self.unreachable as error:
            log.warning("access tokens not handed over yet", extra={"error": str(error)})
            return False
        return True
