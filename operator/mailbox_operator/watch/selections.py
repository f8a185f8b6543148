"""Knows of each Sender which mailboxes it names or selects, and how they stand."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.selection import Chosen, Selection, selection_of
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.known_versions import KnownVersions
from mailbox_operator.watch.pools import Pools, chosen_of
from mailbox_operator.watch.refs import Name, Topic, own_binding


@dataclass(frozen=True, slots=True)
class Kept:
    """How the Secret of a Sender was left: its version, and a digest of its content."""

    version: str
    digest: bytes = field(repr=False)


def no_gateway() -> str:
    """Name no gateway."""
    return ""


@dataclass(frozen=True, slots=True)
class Logins:
    """What the logins of all Senders depend on.

    Attributes:
        key: Name of the Secret in the operator's namespace that passwords are derived from.
        gateway: Names the gateway and its authorities; empty where there is none.
    """

    key: str = ""
    gateway: Callable[[], str] = no_gateway


NO_LOGINS: Final = Logins()


@dataclass(frozen=True, slots=True)
class Selections:
    """The mailboxes of Senders.

    Attributes:
        find: Returns an object; None if there is none.
        pools: Those that are selected by labels.
        versions: Of Secrets.
        is_past: Says whether something newer than this version is known of what has that name.
        logins: What all logins depend on.
    """

    find: Callable[[Key], Subject | None]
    pools: Pools
    versions: KnownVersions
    is_past: Callable[[Name, str], bool]
    logins: Logins = NO_LOGINS
    _kept: dict[Key, Kept] = field(default_factory=dict)

    def of(self, subject: Subject) -> Selection | None:
        """Return what a Sender sends through; None for other kinds."""
        if not subject.binding:
            return None
        if pool := self.pools.of(subject.key):
            return pool.selection
        namespace = subject.key.namespace
        return selection_of(namespace, [self._chosen(namespace, x) for x in subject.selects])

    def versions_for(self, selection: Selection | None) -> Collection[str]:
        """Return what changes when a Sender has to be looked at."""
        return (self.logins.gateway(), *selection.stamps) if selection else ()

    def keep(self, sender: Subject, version: str, digest: bytes) -> None:
        """Remember the version that a Sender's Secret was left or found with.

        Args:
            sender: The Sender.
            version: Of its Secret.
            digest: Of the content it was left with; empty where it is somebody else's.
        """
        for _, *place in own_binding(sender):
            self.note(place[0], place[1], version)
        self._kept[sender.key] = Kept(version, digest)

    def note(self, namespace: str, name: str, version: str) -> None:
        """Take in which version of a Secret was read or written, unless a newer one is known."""
        ref = (Topic.SECRET, namespace, name)
        if not self.is_past(ref, version.partition("/")[2]):
            self.versions.note(ref, version)

    def is_left(self, sender: Subject, digest: bytes) -> bool:
        """Say whether the Secret of a Sender is the very version that was left with this content."""
        kept = self._kept.get(sender.key)
        return kept is not None and kept.digest == digest and not self.is_disturbed(sender)

    def forget(self, key: Key) -> None:
        """Forget the Secret of a Sender that is gone."""
        self._kept.pop(key, None)

    def is_disturbed(self, sender: Subject) -> bool:
        """Say whether the Secret of a Sender is not as it was left.

        What was left before this process began is not known; then it counts that there is one.
        """
        for ref in own_binding(sender):
            version = self.versions.of(ref)
            kept = self._kept.get(sender.key)
            if kept is not None:
                return version != kept.version
            return bool(sender.status.binding) and not version
        return False

    def _chosen(self, namespace: str, name: str) -> Chosen:
        mailbox = self.find(Key(Kind.MAILBOX, namespace, name))
        return chosen_of(mailbox) if mailbox is not None else Chosen(name)
