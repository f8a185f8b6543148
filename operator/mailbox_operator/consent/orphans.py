"""Tidies up after mailboxes that are gone: what they were granted is kept, handed on, or given back.

No finalizer holds a Mailbox for this, so `kubectl delete` never hangs, and whatever was deleted while
no operator ran is found at the next start. What is decided of a grant is in `decide.grants.fate`;
what is known of one is noted on its Secret, so a restart forgets nothing.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from mailbox_operator.cluster.notes import (
    APPROVED,
    POLICY,
    uid_of,
)
from mailbox_operator.cluster.reader import METADATA_ONLY
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.settling import Settling
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.consent.round import Round
from mailbox_operator.consent.survey import Survey, deletion_policy, survey
from mailbox_operator.decide.cluster.clocks import Clocks
from mailbox_operator.decide.declared.deletion import read_policy
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.grants.fate import FINAL, TERMS, Fate, GrantTerms, Settled
from mailbox_operator.decide.grants.orphan import CLOCKS_DIFFER
from mailbox_operator.decide.machine.consent import LIFETIME
from mailbox_operator.decide.names import PENDING_CONSENT, annotations_of, grant_name
from mailbox_operator.decide.status.conditions import TIME_FORMAT
from mailbox_operator.decide.words import DeletionPolicy
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.store import Store

SOON_SECONDS: Final = 1.0
"""A person who deletes one Mailbox may delete many, and create them again."""

TOKEN_SECONDS: Final = 5.0
"""Before a grant is looked at again whose newest token is not written yet."""

AFTER_FAILURES_SECONDS: Final = (2.0, 10.0, 30.0, 120.0, 300.0)
"""After one, two, ... failures in a row: a sweep's interval is too long for what was noticed."""

EVERYWHERE: Final = Scope()

log = logging.getLogger(__name__)


def never() -> datetime | None:
    """Name no moment."""
    return None


async def all_settled() -> Collection[str]:
    """Take every newest token as written."""
    return ()


class Witness(Protocol):
    """Hears what becomes of grants."""

    def settled(self, settled: Settled) -> None:
        """Take note of what is done with a grant from now on."""


@dataclass(slots=True)
class Orphans:
    """Finds the grants that no Mailbox has any more, and sees to them; the leader's work.

    Attributes:
        hand: Carries out what is decided.
        now: Tells the time of day, by both clocks.
        terms: The platform's.
        unsettled: Writes newer tokens that are not written yet; names the uids whose newest token is
            still on its way.
        resumed: Tells when a leader took over after nobody had led for long.
        again_seconds: How long to wait after one, two, ... failures in a row.
        counts: Grants without a Mailbox, by what is done with them, as of the last look.
        noticing: Set while there is a reason to look soon.
    """

    hand: Settling
    store: Store
    witness: Witness
    now: Callable[[], Clocks]
    every_seconds: float
    terms: GrantTerms = TERMS
    scope: Scope = EVERYWHERE
    unsettled: Callable[[], Awaitable[Collection[str]]] = all_settled
    resumed: Callable[[], datetime | None] = never
    again_seconds: Sequence[float] = AFTER_FAILURES_SECONDS
    counts: Counter[Fate] = field(default_factory=Counter)
    noticing: asyncio.Event = field(default_factory=asyncio.Event)
    _known: Survey = field(default_factory=Survey)
    _ended: list[datetime] = field(default_factory=list)
    _due: datetime | None = None

    def noticed(self) -> None:
        """Look soon: a Mailbox is gone."""
        self.noticing.set()

    def changed(self, mailbox: Mailbox) -> None:
        """Look soon if a Mailbox may take over a grant, or has another deletion policy now."""
        if mailbox.key in self._known.keys or self._is_misnoted(mailbox):
            self.noticed()

    def granted(self, metadata: Mapping[str, Any]) -> None:
        """Look soon if a grant was written that has no Mailbox, is to end now, or lacks a note."""
        uid = uid_of(metadata)
        mailbox = self.store.find(uid)
        noted = annotations_of(metadata)
        if mailbox is not None:
            if read_policy(noted.get(POLICY, "")) is not deletion_policy(self.store, mailbox):
                self.noticed()
        elif APPROVED in noted or uid not in self._known.uids:
            self.noticed()

    async def run(self) -> None:
        """Tidy up now, at intervals, and when told to; until cancelled."""
        failures = 0
        while True:
            try:
                await self.tidy()
                failures = 0
            except ApiServerError as error:
                log.warning("orphaned grants not tidied up", extra={"error": str(error)})
                failures += 1
            await (self._again(failures) if failures else self._pause())

    async def tidy(self) -> None:
        """See to every grant without a Mailbox, and delete consents that nobody came back from.

        Raises:
            ApiServerError: The API server does not answer.
        """
        self.noticing.clear()
        unsettled = await self.unsettled()
        self._known = await survey(self.hand, self.store, self.scope, self.resumed)
        await self._settle(self._known, unsettled)
        late = (self.now().earlier - LIFETIME - CLOCKS_DIFFER).strftime(TIME_FORMAT)
        async for secret in self.hand.listed(PENDING_CONSENT, METADATA_ONLY):
            if secret["metadata"]["creationTimestamp"] < late:
                await self.hand.delete(secret["metadata"])

    async def _again(self, failures: int) -> None:
        """Wait for an API server that failed so often in a row; what was noticed is still to do."""
        wait = self.again_seconds[min(failures, len(self.again_seconds)) - 1]
        await asyncio.sleep(min(wait, self.every_seconds))

    async def _pause(self) -> None:
        seconds = self.every_seconds
        if self._due is not None:
            left = (self._due - self.now().earlier).total_seconds()
            seconds = min(seconds, max(left, SOON_SECONDS))
        try:
            async with asyncio.timeout(seconds):
                await self.noticing.wait()
        except TimeoutError:
            return
        await asyncio.sleep(SOON_SECONDS)

    async def _settle(self, known: Survey, unsettled: Collection[str]) -> None:
        """Do with each grant what is decided; one whose newest token is on its way waits for that.

        So do the others of its Mailbox, or an older one would be taken over in its place.
        """
        waiting = {each.orphan.key for each in known.found if each.orphan.uid in unsettled}
        counts, due = Counter[Fate](), list[datetime]()
        now = self.now()
        look = Round(self.store, self.hand, self.terms, known.found, known.served, self._ended, now)
        for each in known.found:
            if each.orphan.key in waiting:
                due.append(now.earlier + timedelta(seconds=TOKEN_SECONDS))
                continue
            settled = await look.settle(each)
            if settled is None:
                continue
            if settled.is_news:
                self._tell(settled)
            if settled.fate not in FINAL:
                counts[settled.fate] += 1
            if settled.fate is Fate.GRACE:
                due.append(settled.until)
        self.counts, self._due = counts, min(due, default=None)

    def _tell(self, settled: Settled) -> None:
        named = {"mailbox": str(settled.orphan.key), "uid": settled.orphan.uid}
        log.info("orphaned grant settled", extra=named | {"fate": settled.fate})
        self.witness.settled(settled)

    def _is_misnoted(self, mailbox: Mailbox) -> bool:
        policy = deletion_policy(self.store, mailbox)
        place = (Topic.SECRET, self.store.operator_namespace, grant_name(mailbox.uid))
        if policy is None or not self.store.versions.of(place):
            return False
        return (policy is DeletionPolicy.RETAIN) != (mailbox.uid in self._known.retained)
