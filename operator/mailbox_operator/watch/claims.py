"""Who has which address: under Managed, the first Mailbox that proves one, as long as it can prove it.

What lasts is `status.claimedAt` and `status.unprovedSince`. Between a proof and its writing a claim is
remembered here: all Mailboxes of an address are in one shard, so one replica claims it. Where two
statuses claim an address, the later one took it over, whichever operator wrote it. Every replica
remembers the addresses of deleted Mailboxes; a restart of all of them at once loses these.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from mailbox_operator import clock
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.claim import Claim, Terms, has_lapsed
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.texts.addresses import canonical_address
from mailbox_operator.decide.words import Provider
from mailbox_operator.watch.reservations import Reservations

JUST_NOW: Final = "~{:012d}"
"""Sorts behind every time: what was claimed in this process came last."""

CLAIM_TERMS: Final = Terms()


@dataclass(frozen=True, slots=True)
class Taken:
    """A claim whose status is not written yet.

    Attributes:
        since: Where it ranks.
        before: What `status.claimedAt` says until then.
    """

    since: str
    before: str


@dataclass(slots=True)
class Claims:
    """Mailboxes by uid and by address.

    Attributes:
        terms: How long a claim outlasts its Mailbox, or its proof.
        now: Tells the time of day.
        reservations: Addresses of Mailboxes that were deleted.
    """

    terms: Terms = CLAIM_TERMS
    now: Callable[[], datetime] = field(default=clock.now)
    _uids: dict[str, Mailbox] = field(default_factory=dict)
    _addresses: dict[str, dict[str, Mailbox]] = field(default_factory=dict)
    _claimants: dict[str, dict[str, str]] = field(default_factory=dict)
    _taken: dict[str, Taken] = field(default_factory=dict)
    _proved: dict[str, datetime] = field(default_factory=dict)
    _freed: set[Key] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=count)
    reservations: Reservations = field(init=False)

    def __post_init__(self) -> None:
        self.reservations = Reservations(self.terms.grace, self.now)

    def replace(self, before: Subject | None, after: Subject | None) -> None:
        """Take in a view of an object in place of the one before; None where there is none.

        The address of a Mailbox that goes is kept for one of the same namespace and name.
        """
        holder = self.holder(before) if before else None
        if before is not None:
            if after is None and holder == before.uid:
                self.reservations.keep(_address(before), before.key)
            self._discard(before)
        if isinstance(after, Mailbox):
            self._add(after)
        elif before is not None:
            self._forget(before.uid)
        if before is not None and holder is not None and self.holder(before) is None:
            self._freed.update(self._refused(before))

    def freed(self) -> Iterable[Key]:
        """Return, once, the Mailboxes that were refused an address which is free by now."""
        found = tuple(self._freed)
        self._freed.clear()
        return found

    def find(self, uid: str) -> Mailbox | None:
        """Return the Mailbox of a uid; None if there is none."""
        return self._uids.get(uid)

    def claimable(
        self, mailbox: Mailbox, ownership: Ownership, bound: Collection[str] | None
    ) -> Claim:
        """Say what becomes of the address of a Mailbox that logged in.

        Args:
            mailbox: The Mailbox.
            ownership: What its login proves.
            bound: Namespaces that the platform binds its domain to, its own among them; None where the
                platform binds it to none.

        Raises:
            Fault: `AlreadyClaimed`; only a Mailbox that proved the address is told.
        """
        if not _managed(mailbox):
            return Claim.NOT_NEEDED
        holds = self.holder(mailbox) == mailbox.uid
        if bound is None and ownership is not Ownership.PROVED:
            is_kept = holds and ownership is Ownership.UNKNOWN
            return Claim.KEPT if is_kept else Claim.UNVERIFIED
        self._refuse(mailbox, bound)
        return Claim.HELD if holds else Claim.TAKEN

    def claim(self, mailbox: Mailbox, ownership: Ownership, bound: Collection[str] | None) -> Claim:
        """Take the address, or let it go; raises as `claimable` does, and lets it go then as well."""
        present = self._uids.get(mailbox.uid)
        try:
            claim = self.claimable(mailbox, ownership, bound)
        except Fault:
            self._forget(mailbox.uid)
            if present is not None:
                self._rank(present)
            raise
        if present is None or not _managed(present):  # gone, or it went Private meanwhile
            return claim
        if claim is Claim.UNVERIFIED:
            self._forget(mailbox.uid)
        if claim is Claim.TAKEN:
            since = JUST_NOW.format(next(self._numbers))
            self._taken[mailbox.uid] = Taken(since, present.status.claimed_at)
            self.reservations.drop(_address(mailbox))
        if claim in (Claim.HELD, Claim.TAKEN):
            self._proved[mailbox.uid] = self.now()
        self._rank(present)
        return claim

    def holder(self, subject: Subject) -> str | None:
        """Return the uid of who holds the address; None if nobody does."""
        claimants = self._claimants.get(_address(subject))
        if not claimants:
            return None
        last = max(claimants.values())
        return min(uid for uid, since in claimants.items() if since == last)

    def held_by_another(self, subject: Subject) -> bool:
        """Say whether another Mailbox holds the address, or the address waits for that one."""
        if not _managed(subject):
            return False
        return self.holder(subject) not in (None, subject.uid) or bool(self.rest(subject))

    def rest(self, subject: Subject) -> timedelta:
        """Return how long the address waits for another Mailbox; zero if it does not."""
        return self.reservations.rest(_address(subject), subject.key)

    def _refused(self, subject: Subject) -> Iterable[Key]:
        """Return the Mailboxes that were told that another one holds the address."""
        namesakes = self._addresses.get(_address(subject), {}).values()
        return tuple(each.key for each in namesakes if each.status.reason == Reason.ALREADY_CLAIMED)

    def shares(self, provider: Provider, account: str, besides: str) -> bool:
        """Say whether a Mailbox other than that uid lives by what this account granted."""
        return any(
            each.uid != besides and each.takes_consent and each.provider is provider
            for each in self._addresses.get(canonical_address(account), {}).values()
        )

    def _add(self, mailbox: Mailbox) -> None:
        self._uids[mailbox.uid] = mailbox
        if not _managed(mailbox):
            self._forget(mailbox.uid)
        taken = self._taken.get(mailbox.uid)
        if taken is not None and mailbox.status.claimed_at not in ("", taken.before):
            del self._taken[mailbox.uid]  # it is written: from now on it counts as all others do
        self._addresses.setdefault(_address(mailbox), {})[mailbox.uid] = mailbox
        self._rank(mailbox)

    def _discard(self, mailbox: Subject) -> None:
        self._uids.pop(mailbox.uid, None)
        for index in (self._addresses, self._claimants):
            _drop(index, _address(mailbox), mailbox.uid)

    def _refuse(self, mailbox: Mailbox, bound: Collection[str] | None) -> None:
        holder = self._uids.get(self.holder(mailbox) or "")
        if holder is not None and holder.uid != mailbox.uid:
            is_overruled = bound is not None and holder.key.namespace not in bound
            if not is_overruled and not self._has_lapsed(holder):
                raise Fault(Reason.ALREADY_CLAIMED)
        rest = self.rest(mailbox)
        if rest and (bound is None or self.reservations.namespace(_address(mailbox)) in bound):
            raise Fault(Reason.ALREADY_CLAIMED, retry_after=rest)

    def _has_lapsed(self, holder: Mailbox) -> bool:
        now = self.now()
        proved = self._proved.get(holder.uid)
        is_recent = proved is not None and now - proved <= self.terms.lapse
        return not is_recent and has_lapsed(holder.status, self.terms, now)

    def _rank(self, mailbox: Mailbox) -> None:
        """Note since when a Mailbox claims its address, or that it does not."""
        taken = self._taken.get(mailbox.uid)
        latest = max(mailbox.status.claimed_at, taken.since if taken else "")
        since = latest if _managed(mailbox) else ""
        if since:
            self._claimants.setdefault(_address(mailbox), {})[mailbox.uid] = since
        else:
            _drop(self._claimants, _address(mailbox), mailbox.uid)

    def _forget(self, uid: str) -> None:
        self._taken.pop(uid, None)
        self._proved.pop(uid, None)


def _drop(
    index: dict[str, dict[str, Mailbox]] | dict[str, dict[str, str]], at: str, uid: str
) -> None:
    found = index.get(at, {})
    found.pop(uid, None)
    if not found:
        index.pop(at, None)


def _address(subject: Subject) -> str:
    return canonical_address(subject.address)


def _managed(subject: Subject) -> bool:
    return subject.used is not None
