"""What the operator knows of the cluster: objects by key, Secrets by version, who depends on what.

No Secret's content is here, only which version of it there is, and a digest of what is used of it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from hashlib import sha256

from mailbox_operator.cluster.versions import newer
from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure
from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.claim import Claim
from mailbox_operator.decide.machine.machine import Conclusion
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.words import Kind, Provider
from mailbox_operator.watch.claims import Claims
from mailbox_operator.watch.departures import Departures
from mailbox_operator.watch.refs import Name, Place, Ref, Topic, own_grant, own_secrets, sorted_refs

NO_LABELS: Mapping[str, str] = {}
ABSENT = "absent"


def untold(ref: Ref) -> None:
    """Tell nobody."""


class Change(Enum):
    """What an event changed.

    Attributes:
        FREED: The Mailbox that held the address is gone, or let it go.
    """

    NOTHING = auto()
    STATUS = auto()
    FREED = auto()
    SPEC = auto()
    NEW = auto()


@dataclass(slots=True)
class Entry:
    """One object, and what is remembered of it."""

    subject: Subject
    known: Known = field(default_factory=Known)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels of a namespace, and the resourceVersion they were read with."""

    version: str
    labels: Mapping[str, str]


@dataclass(slots=True)
class Store:
    """The operator's view of the cluster; kept warm on every replica.

    Attributes:
        operator_namespace: Where the Secrets of a ManagedInfrastructure lie.
        managed: Whether ManagedInfrastructures are looked at.
        unused: Hears of each dependency that no object has any more.
        homes: How many Mailboxes there are in each namespace.
        claims: Who holds which address.
        departures: What is gone.
    """

    operator_namespace: str
    managed: bool = True
    unused: Callable[[Ref], None] = untold
    homes: Counter[str] = field(default_factory=Counter)
    claims: Claims = field(default_factory=Claims)
    departures: Departures = field(default_factory=Departures)
    _entries: dict[Key, Entry] = field(default_factory=dict)
    _versions: dict[Ref, str] = field(default_factory=dict)
    _digests: dict[Ref, tuple[str, bytes]] = field(default_factory=dict, repr=False)
    _labels: dict[str, Labelled] = field(default_factory=dict)
    _dependents: dict[Ref, set[Key]] = field(default_factory=dict)
    _freed: set[Key] = field(default_factory=set)

    def upsert(self, subject: Subject) -> Change:
        """Take in an object; an older view than the known one, of it or a namesake, changes nothing."""
        entry = self._entries.get(subject.key)
        if self.has(subject.key, subject.version):
            return Change.NOTHING
        if entry is None or entry.subject.uid != subject.uid:
            self.remove(subject.key)
            self._entries[subject.key] = Entry(subject)
            self._index(subject, set())
            self._inhabit(subject.key, 1)
            self.departures.forget(subject.key)
            return Change.NEW
        before = entry.subject
        with self._noting_freed(before):
            entry.subject = subject
            refs = self._refs(before)
            self.claims.discard(before)
            self._index(subject, refs)
            self._unindex(subject.key, refs - self._refs(subject))
        asked = subject.reconnect != before.reconnect
        if subject.generation != before.generation or asked:
            return Change.SPEC
        return Change.STATUS if subject.status != before.status else Change.NOTHING

    def has(self, name: Name, version: str) -> bool:
        """Say whether this view, or a newer one, is known of what has that name: our writes come back.

        The newer one may be of a namesake, or may be that it is gone.
        """
        known = self.known(name)
        return not newer(version, known) if known else self.departures.are_after(name, version)

    def is_past(self, name: Name, version: str) -> bool:
        """Say whether something newer than this view is known of what has that name."""
        known = self.known(name)
        return newer(known, version) if known else self.departures.are_after(name, version)

    def known(self, name: Name) -> str:
        """Return the resourceVersion of the latest view of what has that name; empty without one."""
        if isinstance(name, Key):
            entry = self._entries.get(name)
            return entry.subject.version if entry else ""
        if name[0] is Topic.NAMESPACE:
            labelled = self._labels.get(name[2])
            return labelled.version if labelled else ""
        return self.version(name).partition("/")[2]

    def remove(self, key: Key, version: str = "") -> None:
        """Forget an object.

        Args:
            key: Of the object.
            version: The resourceVersion as of which it is gone; empty if not known.
        """
        self.departures.note(key, version)
        entry = self._entries.pop(key, None)
        if entry is not None:
            with self._noting_freed(entry.subject):
                self.claims.reserve(entry.subject)
                self.claims.discard(entry.subject)
                self._unindex(key, self._refs(entry.subject))
                self.claims.release(entry.subject.uid)
            self._inhabit(key, -1)

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
            self._digests.pop(ref, None)
        return self.users(ref)

    def digest(self, ref: Ref, version: str, digest: bytes) -> None:
        """Take in the digest of what is used of one version of a Secret."""
        self._digests[ref] = (version, digest)

    def unreadable(self, ref: Ref) -> None:
        """Take note that the present version of a Secret cannot be read: nothing stands for it."""
        if version := self._versions.get(ref):
            self.digest(ref, version, b"")

    def unread(self, key: Key) -> list[Place]:
        """Return the Secrets an object depends on whose present version was not read yet."""
        entry = self._entries.get(key)
        refs = self._inputs(entry.subject) if entry else ()
        return [ref[1:] for ref in refs if self._digest_of(ref) is None]

    def secrets(self, namespace: str) -> Iterator[Place]:
        """Return the Secrets of a namespace that are known, or of all, where it is empty."""
        for topic, *place in self._versions:
            if topic is Topic.SECRET and namespace in ("", place[0]):
                yield place[0], place[1]

    def version(self, ref: Ref) -> str:
        """Return the version of a dependency; empty if it is not known."""
        return self._versions.get(ref, "")

    def label(
        self, namespace: str, labels: Mapping[str, str] | None, version: str = ""
    ) -> Iterable[Key]:
        """Take in the labels of a namespace; None if it is gone.

        Args:
            namespace: Whose.
            labels: All of them.
            version: Its resourceVersion then; what is older than what is known changes nothing.

        Returns:
            The mailboxes that may be affected.
        """
        ref, before = (Topic.NAMESPACE, "", namespace), self._labels.get(namespace)
        if self.is_past(ref, version):
            return ()
        if labels is None:
            self.departures.note(ref, version)
            self._labels.pop(namespace, None)
        else:
            self._labels[namespace] = Labelled(version, labels)
        same = labels == (before.labels if before else None)
        return () if same else self.users(ref)

    def namespaces(self) -> Iterable[str]:
        """Return the namespaces that are known."""
        return tuple(self._labels)

    def dependents(self, infrastructure: Key) -> Iterable[Key]:
        """Return the mailboxes that use a ManagedInfrastructure."""
        return self.users((Topic.INFRASTRUCTURE, infrastructure.namespace, infrastructure.name))

    def subject(self, key: Key) -> Subject | None:
        """Return an object; None if it is gone."""
        entry = self._entries.get(key)
        return entry.subject if entry else None

    def seen(self, key: Key) -> Seen | None:
        """Return an object with all a decision depends on; None if it is gone."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        subject = entry.subject
        refs = sorted_refs(self._inputs(subject))
        return Seen(
            subject,
            subject.status,
            self._version_of(subject, refs),
            entry.known,
            self._contents_of(subject, refs),
            self.claims.held_by_another(subject),
        )

    def infrastructure_for(self, mailbox: Subject) -> ReadableInfrastructure | None:
        """Return the ManagedInfrastructure a Mailbox uses; None under Private.

        Raises:
            Fault: It does not exist, cannot be read, or is not open to the namespace or to this
                domain in it. Whether the address is claimed is told after a proof only.
        """
        used = self._used(mailbox)
        if mailbox.used is None:
            return None
        if used is None:
            problem = (
                "does not exist" if self.managed else "is out of sight: Managed is switched off"
            )
            raise Fault(Reason.INFRASTRUCTURE_NOT_FOUND, facts={"problem": problem})
        if not isinstance(used, ReadableInfrastructure):
            raise Fault(Reason.INFRASTRUCTURE_NOT_FOUND, facts={"problem": "cannot be read"})
        labelled = self._labels.get(mailbox.key.namespace)
        if not used.spec.admits(labelled.labels if labelled else NO_LABELS):
            raise Fault(Reason.INFRASTRUCTURE_NOT_ALLOWED)
        bound = used.spec.bound_to(mailbox.domain)
        if mailbox.key.namespace not in (bound or (mailbox.key.namespace,)):
            raise Fault(Reason.DOMAIN_NOT_ALLOWED)
        return used

    def rest(self, key: Key) -> timedelta:
        """Return how long the address of a Mailbox waits for another one to be created again."""
        entry = self._entries.get(key)
        return self.claims.rest(entry.subject) if entry else timedelta()

    def find(self, uid: str) -> Mailbox | None:
        """Return the Mailbox of a uid; None if there is none."""
        return self.claims.find(uid)

    def freed(self) -> Iterable[Key]:
        """Return, once, the Mailboxes that were refused an address which is free by now."""
        found = tuple(self._freed)
        self._freed.clear()
        return found

    def shares(self, provider: Provider, account: str, besides: str) -> bool:
        """Say whether a Mailbox other than that uid lives by what this account granted."""
        return self.claims.shares(provider, account, besides)

    def claimable(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Say what becomes of the address of a Mailbox that logged in.

        Raises:
            Fault: `AlreadyClaimed`: the address was proved, but another Mailbox holds it; or the
                ManagedInfrastructure cannot be used any more.
        """
        return self.claims.claimable(mailbox, ownership, self._bound(mailbox))

    def claim(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Take the address of a Mailbox that logged in, or let it go; raises as `claimable` does."""
        return self.claims.claim(mailbox, ownership, self._bound(mailbox))

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

    def _version_of(self, subject: Subject, refs: Iterable[Ref]) -> str:
        """Digest the versions of an object's inputs; opaque, and empty where it has none."""
        inputs = [self._versions.get(ref, ABSENT) for ref in refs]
        if subject.used is not None:
            inputs.append(self._offer_version(subject))
        return sha256("\n".join(inputs).encode()).hexdigest()[:16] if inputs else ""

    def _contents_of(self, subject: Subject, refs: Iterable[Ref]) -> bytes:
        """Digest what is used of an object's inputs; empty where one is not read yet."""
        digests = [self._digest_of(ref) for ref in refs]
        if not digests or not all(digests):
            return b""
        whole = sha256(b"".join(sha256(each).digest() for each in digests if each))
        if subject.used is not None:
            whole.update(self._offer_version(subject).encode())
        return whole.digest()

    def _digest_of(self, ref: Ref) -> bytes | None:
        """Return what stands for the contents of a dependency; None for a Secret not read yet.

        Empty for one that cannot be read.
        """
        known = self._versions.get(ref)
        if known is None or ref[0] is not Topic.SECRET:
            return (known or ABSENT).encode()
        version, digest = self._digests.get(ref, ("", b""))
        return digest if version == known else None

    def _offer_version(self, mailbox: Subject) -> str:
        try:
            infrastructure = self.infrastructure_for(mailbox)
        except Fault as fault:
            return fault.reason
        assert infrastructure is not None
        bound = "/bound" if self._bound(mailbox) else ""
        return f"{infrastructure.uid}/{infrastructure.offer_version}{bound}"

    def _bound(self, mailbox: Subject) -> Collection[str] | None:
        """Return the namespaces that the platform binds a Mailbox's domain to; None if to none."""
        infrastructure = self.infrastructure_for(mailbox)
        return infrastructure.spec.bound_to(mailbox.domain) if infrastructure else None

    @contextmanager
    def _noting_freed(self, subject: Subject) -> Iterator[None]:
        """Take note of the Mailboxes that were refused an address whose holder goes."""
        holder = self.claims.holder(subject)
        yield
        if holder is not None and self.claims.holder(subject) is None:
            self._freed.update(self.claims.refused(subject))

    def _inputs(self, subject: Subject) -> set[Ref]:
        refs = self._own(subject)
        used = self._used(subject)
        if used is not None:
            refs |= own_secrets(used, self.operator_namespace, subject.provider)
        return refs

    def _used(self, subject: Subject) -> Subject | None:
        """Return the ManagedInfrastructure an object uses; None if there is none."""
        key = Key(Kind.INFRASTRUCTURE, "", subject.used or "")
        return self.subject(key) if subject.used else None

    def _own(self, subject: Subject) -> set[Ref]:
        secrets = own_secrets(subject, self.operator_namespace)
        return secrets | own_grant(subject, self.operator_namespace)

    def _index(self, subject: Subject, before: set[Ref]) -> None:
        self.claims.add(subject)
        for ref in self._refs(subject) - before:
            self._dependents.setdefault(ref, set()).add(subject.key)

    def _unindex(self, key: Key, refs: Iterable[Ref]) -> None:
        for ref in refs:
            keys = self._dependents.get(ref, set())
            keys.discard(key)
            if not keys:
                self._dependents.pop(ref, None)
                self._digests.pop(ref, None)
                self.unused(ref)

    def _inhabit(self, key: Key, difference: int) -> None:
        if KINDS[key.kind].namespaced:
            self.homes[key.namespace] += difference
            if not self.homes[key.namespace]:
                del self.homes[key.namespace]

    def _refs(self, subject: Subject) -> set[Ref]:
        refs = self._own(subject)
        if subject.used is not None:
            refs.add((Topic.INFRASTRUCTURE, "", subject.used))
            refs.add((Topic.NAMESPACE, "", subject.key.namespace))
        return refs
