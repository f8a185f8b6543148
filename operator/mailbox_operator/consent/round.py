"""One look at all grants without a Mailbox: what counts for each is gathered, and acted upon."""

from bisect import insort
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailbox_operator.cluster.listing import Item
from mailbox_operator.cluster.notes import notes_of
from mailbox_operator.cluster.settling import Settling
from mailbox_operator.decide.cluster.clocks import Clocks
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.secret import read_moment
from mailbox_operator.decide.grants.fate import (
    FINAL,
    HOUR,
    Around,
    Fate,
    GrantTerms,
    Settled,
    crowd_of,
    fate_of,
    kept_until,
)
from mailbox_operator.decide.grants.orphan import Orphan, orphaned_since
from mailbox_operator.decide.words import DeletionPolicy, Provider
from mailbox_operator.watch.store import Store


@dataclass(frozen=True, slots=True)
class FoundGrant:
    """A grant without a Mailbox, and the metadata of its Secret."""

    orphan: Orphan
    metadata: Item


@dataclass(slots=True)
class Round:
    """One look.

    Attributes:
        found: All grants without a Mailbox.
        served: The uids that have a grant.
        ended: Since when those were orphans that were ended lately, in order.
        now: By both clocks.
    """

    store: Store
    hand: Settling
    terms: GrantTerms
    found: Sequence[FoundGrant]
    served: set[str]
    ended: list[datetime]
    now: Clocks
    _moments: list[datetime] = field(init=False)
    _accounts: Counter[tuple[str, str]] = field(init=False)
    _namespaces: dict[str, datetime | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        earliest = self.now.earlier - self.terms.grace - HOUR
        self.ended[:] = [at for at in self.ended if at > earliest]
        waiting = [
            orphaned_since(each.orphan, self.now) for each in self.found if _is_braked(each.orphan)
        ]
        self._moments = sorted([*waiting, *self.ended])
        self._accounts = Counter(each.orphan.whose for each in self.found)

    async def settle(self, found: FoundGrant) -> Settled | None:
        """Do with a grant what is decided; None where its Mailbox may be there after all.

        The API server has the last word about that: a watch can be late.

        Raises:
            ApiServerError: The API server does not answer.
        """
        orphan = found.orphan
        around = await self._look_around(orphan)
        fate = fate_of(orphan, around, self.terms, self.now)
        until = kept_until(orphan, around, self.terms, self.now)
        is_new = orphan.since is None or orphan.is_restored
        if (is_new or fate in FINAL) and not await self._ask_whether_gone(orphan, around.owner):
            return None
        match fate:
            case Fate.KEPT:
                return None
            case Fate.ADOPTED:
                assert around.owner is not None
                done = await self._adopt(found, around.owner)
            case Fate.REVOKED | Fate.DELETED:
                done = await self._end(found, fate)
            case _:
                notes = notes_of(orphan, fate, until, self.now)
                done = await self.hand.note(found.metadata, notes, orphaned=True)
        heir = around.owner if fate is Fate.ADOPTED else None
        return Settled(orphan, fate, until, heir, done)

    async def _adopt(self, found: FoundGrant, heir: Mailbox) -> bool:
        is_adopted = await self.hand.adopt(found.metadata, heir, self.now.earlier)
        self.served.add(heir.uid)
        return is_adopted

    async def _end(self, found: FoundGrant, fate: Fate) -> bool:
        is_ended = await self.hand.end(found.metadata, revoked=fate is Fate.REVOKED)
        if is_ended:
            self._accounts[found.orphan.whose] -= 1
            insort(self.ended, orphaned_since(found.orphan, self.now))
        return is_ended

    async def _look_around(self, orphan: Orphan) -> Around:
        found = self.store.subject(orphan.key)
        owner = self.store.find(found.uid) if found else None
        is_braked, since = _is_braked(orphan), orphaned_since(orphan, self.now)
        return Around(
            owner=owner,
            is_served=owner is not None and owner.uid in self.served,
            namespace_since=await self._find_namespace(orphan.key.namespace) if is_braked else None,
            shared=self._is_shared(orphan),
            crowd=crowd_of(since, self._moments) if is_braked else 0,
        )

    def _is_shared(self, orphan: Orphan) -> bool:
        """Say whether others live by what a revocation would end: all that an account granted."""
        if self._accounts[orphan.whose] > 1:
            return True
        known = orphan.provider in set(Provider)
        return known and self.store.shares(Provider(orphan.provider), orphan.address, besides="")

    async def _find_namespace(self, name: str) -> datetime | None:
        """Say since when there is a namespace; None if it is gone."""
        if name not in self._namespaces:
            found = await self.hand.namespace(name)
            created = read_moment(str(found["creationTimestamp"])) if found else None
            self._namespaces[name] = created
        return self._namespaces[name]

    async def _ask_whether_gone(self, orphan: Orphan, owner: Mailbox | None) -> bool:
        """Say whether there is neither the Mailbox of a grant, nor one the watch is still to report."""
        known = {owner.uid} if owner else set()
        return await self.hand.present(orphan.key) <= known


def _is_braked(orphan: Orphan) -> bool:
    """Say whether a grant may come to an end that nobody asked for by name."""
    is_approved = orphan.approved and not orphan.is_restored
    is_kept = orphan.policy is DeletionPolicy.RETAIN or orphan.is_copy
    return not is_kept and not is_approved
