"""Knows which Mailboxes each Sender selects by their labels, and how they stand.

One Mailbox may be one of hundreds: what changes of it is taken in by itself, and nothing is counted
again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, TypeVar

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox, UnreadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, UnreadableSender
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.selection import (
    SUSPENDED,
    Chosen,
    Selection,
    trouble_of,
)
from mailbox_operator.decide.status.conditions import MailboxCount, Standing
from mailbox_operator.decide.texts.addresses import canonical_address
from mailbox_operator.watch.least import Least
from mailbox_operator.watch.neighbours import Neighbours

DIGEST_BYTES: Final = 16

Made = TypeVar("Made")


@dataclass(slots=True)
class Pool:
    """The Mailboxes that one Sender selects.

    Attributes:
        sender: The Sender.
    """

    sender: ReadableSender
    _chosen: dict[str, Chosen] = field(default_factory=dict)
    _addressed: Least = field(default_factory=Least)
    _troubled: Least = field(default_factory=Least)
    _sum: int = 0
    _by_address: Mapping[str, Sequence[str]] | None = None
    _kept: tuple[int, Any] | None = None

    def put(self, name: str, chosen: Chosen | None) -> bool:
        """Have a Mailbox in, as it stands, or out; say whether that is anything new."""
        before = self._chosen.get(name)
        if before == chosen:
            return False
        self._sum += _digest(chosen) - _digest(before)
        self._addressed.put(name, is_in=bool(chosen and chosen.address))
        self._troubled.put(name, is_in=bool(chosen and chosen.trouble))
        if chosen is not None:
            self._chosen[name] = chosen
        else:
            del self._chosen[name]
        return True

    def renew(self) -> None:
        """Take note that Mailboxes came or went, or have another spec."""
        self._by_address = self._kept = None

    def kept(self, moment: int, make: Callable[[Iterable[str]], Made]) -> Made:
        """Return what was made of the names at this moment, and since no Mailbox changed; or make it.

        Args:
            moment: What was made at another one is made again.
            make: Makes it.
        """
        if self._kept is None or self._kept[0] != moment:
            self._kept = moment, make(self.names)
        found: Made = self._kept[1]
        return found

    @property
    def names(self) -> Collection[str]:
        """The Mailboxes in it."""
        return self._chosen.keys()

    @property
    def selection(self) -> Selection:
        """What the status of the Sender says of it."""
        first, troubled = self._addressed.first(), self._troubled.first()
        namespace, size = self.sender.key.namespace, len(self._chosen)
        return Selection(
            MailboxCount(size, size - len(self._troubled)),
            self._chosen[first].address if first else "",
            trouble_of(namespace, self._chosen[troubled]) if troubled else "",
            (f"{size}/{self._sum:x}",),
        )

    def at(self, address: str) -> Sequence[str]:
        """Name the Mailboxes of an address; without any, those whose address is not known."""
        if self._by_address is None:
            found = dict[str, list[str]]()
            for name, chosen in sorted(self._chosen.items()):
                found.setdefault(canonical_address(chosen.address), []).append(name)
            self._by_address = found
        known = self._by_address
        return known.get(canonical_address(address)) or known.get("", ())


@dataclass(slots=True)
class Pools:
    """The pool of each Sender that selects by labels.

    Attributes:
        find: Returns an object; None if there is none.
    """

    find: Callable[[Key], Subject | None]
    _all: set[Key] = field(default_factory=set)
    _pools: dict[Key, Pool] = field(default_factory=dict)
    _senders: dict[str, set[Key]] = field(default_factory=dict)
    _mailboxes: Neighbours = field(default_factory=Neighbours)
    _touched: set[Key] = field(default_factory=set)

    def of(self, sender: Key) -> Pool | None:
        """Return the pool of a Sender; None where it selects nothing by labels."""
        return self._pools.get(sender)

    def senders(self) -> Iterator[ReadableSender]:
        """Return all Senders that can be read."""
        found = map(self.find, self._all)
        return (each for each in found if isinstance(each, ReadableSender))

    def names_for(self, sender: Subject) -> Collection[str]:
        """Name the Mailboxes that a Sender sends through."""
        pool = self.of(sender.key)
        return pool.names if pool else tuple(sender.selects)

    def touched(self) -> Iterable[Key]:
        """Return, once, the Senders whose Mailboxes are others, or stand otherwise, by now."""
        found = tuple(self._touched)
        self._touched.clear()
        return found

    def replace(self, before: Subject | None, after: Subject | None) -> None:
        """Take in a view of an object in place of the one before; None where there is none."""
        match after or before:
            case ReadableMailbox() | UnreadableMailbox() as mailbox:
                self._mailboxes.put(mailbox.key, is_there=after is not None)
                self._take(mailbox, before, is_there=after is not None)
            case ReadableSender() | UnreadableSender() as sender:
                self._follow(sender.key, after)
            case _:
                pass

    def _take(self, mailbox: Mailbox, before: Subject | None, *, is_there: bool) -> None:
        """Have a Mailbox in the pools of all Senders that select it, and in no other."""
        name = mailbox.key.name
        is_another = before is None or not is_there or _spec_of(before) != _spec_of(mailbox)
        for key in self._senders.get(mailbox.key.namespace, ()):
            pool = self._pools[key]
            is_selected = is_there and pool.sender.admits(mailbox)
            was_selected = name in pool.names
            if pool.put(name, chosen_of(mailbox) if is_selected else None):
                self._touched.add(key)
            if is_selected != was_selected or (is_selected and is_another):
                pool.renew()

    def _follow(self, key: Key, after: Subject | None) -> None:
        """Make the pool of a Sender that came, or selects otherwise; let go one that is not needed."""
        known = self._pools.get(key)
        (self._all.discard if after is None else self._all.add)(key)
        if not isinstance(after, ReadableSender) or after.spec.selector is None:
            if known is not None:
                self._forget(key)
        elif known is not None and _selects_as(known.sender, after):
            known.sender = after
        else:
            self._pools[key] = self._filled(after)
            self._senders.setdefault(key.namespace, set()).add(key)

    def _filled(self, sender: ReadableSender) -> Pool:
        pool = Pool(sender)
        for mailbox in map(self.find, self._mailboxes.of(sender.key.namespace)):
            if isinstance(mailbox, ReadableMailbox | UnreadableMailbox) and sender.admits(mailbox):
                pool.put(mailbox.key.name, chosen_of(mailbox))
        return pool

    def _forget(self, key: Key) -> None:
        del self._pools[key]
        self._touched.discard(key)
        self._senders[key.namespace].discard(key)
        if not self._senders[key.namespace]:
            del self._senders[key.namespace]


def chosen_of(mailbox: Subject) -> Chosen:
    """Say how a Mailbox stands that is named or selected."""
    return Chosen(mailbox.key.name, mailbox.uid, mailbox.address, _trouble(mailbox))


def _trouble(mailbox: Subject) -> str:
    """Say why nothing can be sent through a Mailbox; empty where it is connected."""
    if mailbox.suspended:
        return SUSPENDED
    if mailbox.status.standing is Standing.CONNECTED:
        return ""
    return mailbox.status.reason or Reason.PROGRESSING.value


def _digest(chosen: Chosen | None) -> int:
    """Digest a Mailbox as all replicas do; the sum of many tells whether any of them changed."""
    if chosen is None:
        return 0
    return int.from_bytes(blake2b(str(chosen).encode(), digest_size=DIGEST_BYTES).digest())


def _spec_of(mailbox: Subject) -> tuple[str, int]:
    return mailbox.uid, mailbox.generation


def _selects_as(one: ReadableSender, other: ReadableSender) -> bool:
    return one.uid == other.uid and one.spec.selector == other.spec.selector
