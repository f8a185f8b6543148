"""What the operator knows of the cluster: objects by key, Secrets by version, who depends on what.

No Secret's content is here, only which version of it there is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from hashlib import sha256

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.infrastructure import ManagedInfrastructure
from mailbox_operator.decide.machine import Conclusion
from mailbox_operator.decide.mailbox import Mailbox
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.seen import Known, Seen, Subject
from mailbox_operator.decide.watched import Key
from mailbox_operator.decide.words import Kind, Provider
from mailbox_operator.watch.claims import Claims
from mailbox_operator.watch.refs import (
    Ref,
    Topic,
    newer,
    own_grant,
    own_secrets,
    sorted_refs,
)

NO_LABELS: Mapping[str, str] = {}


class Change(Enum):
    """What an event changed."""

    NOTHING = auto()
    STATUS = auto()
    SPEC = auto()
    NEW = auto()


@dataclass(slots=True)
class Entry:
    """One object, and what is remembered of it."""

    subject: Subject
    known: Known = field(default_factory=Known)


@dataclass(slots=True)
class Store:
    """The operator's view of the cluster; kept warm on every replica.

    Attributes:
        operator_namespace: Where the Secrets of a ManagedInfrastructure lie.
        managed: Whether ManagedInfrastructures are looked at.
    """

    operator_namespace: str
    managed: bool = True
    _entries: dict[Key, Entry] = field(default_factory=dict)
    _versions: dict[Ref, str] = field(default_factory=dict)
    _labels: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _dependents: dict[Ref, set[Key]] = field(default_factory=dict)
    _claims: Claims = field(default_factory=Claims)

    def upsert(self, subject: Subject) -> Change:
        """Take in an object; an older view of it than the known one changes nothing."""
        entry = self._entries.get(subject.key)
        if entry is None or entry.subject.uid != subject.uid:
            self.remove(subject.key)
            self._entries[subject.key] = Entry(subject)
            self._index(subject)
            return Change.NEW
        before = entry.subject
        if not newer(subject.version, before.version):
            return Change.NOTHING
        self._unindex(before)
        entry.subject = subject
        self._index(subject)
        asked = subject.reconnect != before.reconnect
        if subject.generation != before.generation or asked:
            return Change.SPEC
        return Change.STATUS if subject.status != before.status else Change.NOTHING

    def has(self, key: Key, uid: str, version: str) -> bool:
        """Say whether this view of an object, or a newer one, is known: our own writes come back."""
        entry = self._entries.get(key)
        if entry is None or entry.subject.uid != uid:
            return False
        return not newer(version, entry.subject.version)

    def remove(self, key: Key) -> None:
        """Forget an object."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._unindex(entry.subject)
            self._claims.release(entry.subject.uid)

    def note(self, ref: Ref, version: str) -> Iterable[Key]:
        """Take in the version of a dependency; empty if it is gone.

        Returns:
            The objects that depend on it, if that changed.
        """
        if self._versions.get(ref, "") == version:
            return ()
        if version:
            self._versions[ref] = version
        else:
            self._versions.pop(ref, None)
        return self.users(ref)

    def version(self, ref: Ref) -> str:
        """Return the version of a dependency; empty if it is not known."""
        return self._versions.get(ref, "")

    def label(self, namespace: str, labels: Mapping[str, str] | None) -> Iterable[Key]:
        """Take in the labels of a namespace; None if it is gone.

        Returns:
            The mailboxes that may be affected.
        """
        if self._labels.get(namespace) == labels:
            return ()
        if labels is None:
            self._labels.pop(namespace, None)
        else:
            self._labels[namespace] = labels
        return self.users((Topic.NAMESPACE, "", namespace))

    def dependents(self, infrastructure: Key) -> Iterable[Key]:
        """Return the mailboxes that use a ManagedInfrastructure."""
        return self.users((Topic.INFRASTRUCTURE, "", infrastructure.name))

    def seen(self, key: Key) -> Seen | None:
        """Return an object with all a decision depends on; None if it is gone."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        subject = entry.subject
        return Seen(subject, subject.status, self._version_of(subject), entry.known)

    def infrastructure_for(self, mailbox: Mailbox) -> ManagedInfrastructure | None:
        """Return the ManagedInfrastructure a Mailbox uses; None under Private.

        Raises:
            Fault: It does not exist, cannot be read, is not open to the namespace, or the address
                is claimed.
        """
        spec = mailbox.spec
        if spec is None or not spec.managed:
            return None
        entry = self._entries.get(Key(Kind.INFRASTRUCTURE, "", spec.infrastructure_name))
        if entry is None or not isinstance(entry.subject, ManagedInfrastructure):
            problem = (
                "does not exist" if self.managed else "is out of sight: Managed is switched off"
            )
            raise Fault(Reason.INFRASTRUCTURE_NOT_FOUND, facts={"problem": problem})
        offer = entry.subject.spec
        if offer is None:
            raise Fault(Reason.INFRASTRUCTURE_NOT_FOUND, facts={"problem": "cannot be read"})
        if not offer.admits(self._labels.get(mailbox.key.namespace, NO_LABELS)):
            raise Fault(Reason.INFRASTRUCTURE_NOT_ALLOWED)
        if self._claims.holder(mailbox) not in (None, mailbox.uid):
            raise Fault(Reason.ALREADY_CLAIMED)
        return entry.subject

    def find(self, uid: str) -> Mailbox | None:
        """Return the Mailbox of a uid; None if there is none."""
        return self._claims.find(uid)

    def rivals(self, key: Key) -> Iterable[Key]:
        """Return the other Managed Mailboxes of the same address."""
        entry = self._entries.get(key)
        return self._claims.rivals(entry.subject) if entry else ()

    def shares(self, provider: Provider, account: str, besides: str) -> bool:
        """Say whether a Mailbox other than that uid lives by what this account granted."""
        return self._claims.shares(provider, account, besides)

    def claim(self, mailbox: Mailbox) -> bool:
        """Take the address for a Managed Mailbox that proved it; False if another one holds it."""
        return self._claims.claim(mailbox)

    def conclude(self, key: Key, uid: str, conclusion: Conclusion) -> None:
        """Remember what an attempt came to, unless the object is another one by now."""
        entry = self._entries.get(key)
        if entry is not None and entry.subject.uid == uid:
            entry.known = conclusion.known

    def subjects(self) -> Iterator[Subject]:
        """Return every object."""
        return iter([entry.subject for entry in self._entries.values()])

    def remembered(self) -> list[tuple[Subject, Known]]:
        """Return every object, and what is remembered of its attempts."""
        return [(entry.subject, entry.known) for entry in self._entries.values()]

    def users(self, ref: Ref) -> Iterable[Key]:
        """Return the objects that name a Secret, or depend on another thing."""
        return tuple(self._dependents.get(ref, ()))

    def _version_of(self, subject: Subject) -> str:
        """Digest the versions of an object's inputs; opaque, and empty where it has none."""
        inputs = [self._versions.get(ref, "absent") for ref in sorted_refs(self._inputs(subject))]
        if isinstance(subject, Mailbox) and subject.spec is not None and subject.spec.managed:
            inputs.append(self._offer_version(subject))
        return sha256("\n".join(inputs).encode()).hexdigest()[:16] if inputs else ""

    def _offer_version(self, mailbox: Mailbox) -> str:
        try:
            infrastructure = self.infrastructure_for(mailbox)
        except Fault as fault:
            return fault.reason
        assert infrastructure is not None
        return f"{infrastructure.uid}/{infrastructure.generation}"

    def _inputs(self, subject: Subject) -> set[Ref]:
        refs = self._own(subject)
        if isinstance(subject, Mailbox) and subject.spec is not None and subject.spec.managed:
            used = self._entries.get(Key(Kind.INFRASTRUCTURE, "", subject.spec.infrastructure_name))
            provider = subject.spec.provider
            refs |= own_secrets(used.subject, self.operator_namespace, provider) if used else set()
        return refs

    def _own(self, subject: Subject) -> set[Ref]:
        secrets = own_secrets(subject, self.operator_namespace)
        return secrets | own_grant(subject, self.operator_namespace)

    def _index(self, subject: Subject) -> None:
        self._claims.add(subject)
        for ref in self._refs(subject):
            self._dependents.setdefault(ref, set()).add(subject.key)

    def _unindex(self, subject: Subject) -> None:
        self._claims.discard(subject)
        for ref in self._refs(subject):
            keys = self._dependents.get(ref, set())
            keys.discard(subject.key)
            if not keys:
                self._dependents.pop(ref, None)

    def _refs(self, subject: Subject) -> set[Ref]:
        refs = self._own(subject)
        if isinstance(subject, Mailbox) and subject.spec is not None and subject.spec.managed:
            refs.add((Topic.INFRASTRUCTURE, "", subject.spec.infrastructure_name))
            refs.add((Topic.NAMESPACE, "", subject.key.namespace))
        return refs
