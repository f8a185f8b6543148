"""Who has which address: under Managed, the first Mailbox that proves one keeps it.

What lasts is `status.claimedAt`. Between a proof and its writing a claim is remembered here: only the
leader claims, one Mailbox after the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.consent import takes_consent
from mailbox_operator.decide.mailbox import Mailbox
from mailbox_operator.decide.seen import Subject
from mailbox_operator.decide.watched import Key
from mailbox_operator.decide.words import Provider

JUST_NOW: Final = "~"
"""Sorts behind every time: what is not written yet came last."""


@dataclass(slots=True)
class Claims:
    """Mailboxes by uid and by address."""

    _uids: dict[str, Mailbox] = field(default_factory=dict)
    _addresses: dict[str, dict[str, Mailbox]] = field(default_factory=dict)
    _fresh: set[str] = field(default_factory=set)

    def add(self, subject: Subject) -> None:
        """Take in a view of an object."""
        if isinstance(subject, Mailbox):
            self._uids[subject.uid] = subject
            if not _managed(subject):
                self._fresh.discard(subject.uid)
            self._addresses.setdefault(_address(subject), {})[subject.uid] = subject

    def discard(self, subject: Subject) -> None:
        """Take a view of an object out again."""
        if isinstance(subject, Mailbox):
            self._uids.pop(subject.uid, None)
            namesakes = self._addresses.get(_address(subject), {})
            namesakes.pop(subject.uid, None)
            if not namesakes:
                self._addresses.pop(_address(subject), None)

    def release(self, uid: str) -> None:
        """Forget what was claimed for a Mailbox that is gone."""
        self._fresh.discard(uid)

    def find(self, uid: str) -> Mailbox | None:
        """Return the Mailbox of a uid; None if there is none."""
        return self._uids.get(uid)

    def claim(self, mailbox: Mailbox) -> bool:
        """Take the address for a Managed Mailbox that proved it; False if another one holds it."""
        if not _managed(mailbox):
            return True
        if self.holder(mailbox) not in (None, mailbox.uid):
            return False
        self._fresh.add(mailbox.uid)
        return True

    def holder(self, mailbox: Mailbox) -> str | None:
        """Return the uid of who holds the address; None if nobody does."""
        first = min(self._held(_address(mailbox)), default=None)
        return first[1] if first else None

    def rivals(self, subject: Subject) -> Iterable[Key]:
        """Return the other Managed Mailboxes of the same address."""
        if not isinstance(subject, Mailbox):
            return ()
        others = self._addresses.get(_address(subject), {}).values()
        return tuple(each.key for each in others if each.uid != subject.uid and _managed(each))

    def shares(self, provider: Provider, account: str, besides: str) -> bool:
        """Say whether a Mailbox other than that uid lives by what this account granted."""
        return any(
            each.uid != besides
            and takes_consent(each.spec)
            and each.spec is not None
            and each.spec.provider is provider
            for each in self._addresses.get(account.casefold(), {}).values()
        )

    def _held(self, address: str) -> Iterator[tuple[str, str]]:
        for each in self._addresses.get(address, {}).values():
            if not _managed(each):
                continue
            if each.status.claimed_at:
                yield each.status.claimed_at, each.uid
            elif each.uid in self._fresh:
                yield JUST_NOW, each.uid


def _address(mailbox: Mailbox) -> str:
    return mailbox.spec.address.casefold() if mailbox.spec else ""


def _managed(mailbox: Mailbox) -> bool:
    return mailbox.spec is not None and mailbox.spec.managed
