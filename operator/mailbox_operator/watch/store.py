"""What the operator knows of the cluster: objects by key, Secrets by version, who depends on what.

No Secret's content is here, only which version of it there is, and a digest of what is used of it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from mailbox_operator.cluster.versions import newer
from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.claim import Claim
from mailbox_operator.decide.machine.machine import Conclusion
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.words import Provider
from mailbox_operator.watch.change import Change, change_of
from mailbox_operator.watch.claims import Claims
from mailbox_operator.watch.departures import Departures
from mailbox_operator.watch.index import Index
from mailbox_operator.watch.known_versions import KnownVersions
from mailbox_operator.watch.offers import Offers
from mailbox_operator.watch.pools import Pools
from mailbox_operator.watch.refs import Name, Ref, SecretPlace, Topic, sorted_refs
from mailbox_operator.watch.selections import NO_LOGINS, Logins, Selections

NOTHING: Final = Known()
"""What is remembered of an object without an attempt."""


def ignore(place: SecretPlace) -> None:
    """Do nothing about a Secret that no object names any more."""


@dataclass(slots=True)
class Store:
    """The operator's view of the cluster; kept warm on every replica.

    Attributes:
        operator_namespace: Where the Secrets of a ManagedInfrastructure lie.
        managed: Whether ManagedInfrastructures are looked at.
        on_unused: Hears the place of each Secret that no object names any more.
        claims: Who holds which address.
        departures: What is gone.
        versions: Of Secrets and grants.
        logins: What the logins of Senders depend on.
        pools: The Mailboxes that Senders select by their labels.
        selections: What Senders send through.
    """

    operator_namespace: str
    managed: bool = True
    on_unused: Callable[[SecretPlace], None] = ignore
    claims: Claims = field(default_factory=Claims)
    departures: Departures = field(default_factory=Departures)
    versions: KnownVersions = field(default_factory=KnownVersions)
    logins: Logins = NO_LOGINS
    _subjects: dict[Key, Subject] = field(default_factory=dict)
    _remembered: dict[Key, Known] = field(default_factory=dict)
    _index: Index = field(init=False)
    _offers: Offers = field(init=False)
    pools: Pools = field(init=False)
    selections: Selections = field(init=False)

    def __post_init__(self) -> None:
        self._index = Index(self.operator_namespace, self.logins.key)
        self._offers = Offers(self.subject, self.managed)
        self.pools = Pools(self.subject)
        self.selections = Selections(
            self.subject, self.pools, self.versions, self.is_past, self.logins
        )

    def upsert(self, subject: Subject) -> Change:
        """Take in an object; an older view than the known one, of it or a namesake, changes nothing."""
        if self.has(subject.key, subject.version):
            return Change.NOTHING
        before = self.subject(subject.key)
        if before is None or before.uid != subject.uid:
            self.remove(subject.key)
            self._replace(None, subject)
            self.departures.forget(subject.key)
            return Change.NEW
        self._replace(before, subject)
        return change_of(before, subject)

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
            subject = self.subject(name)
            return subject.version if subject else ""
        if name[0] is Topic.NAMESPACE:
            return self._offers.labels_version(name[2])
        return self.versions.of(name).partition("/")[2]

    def remove(self, key: Key, version: str = "") -> None:
        """Forget an object.

        Args:
            key: Of the object.
            version: The resourceVersion as of which it is gone; empty if not known.
        """
        self.departures.note(key, version)
        if subject := self.subject(key):
            self._replace(subject, None)

    def note(self, ref: Ref, version: str) -> Iterable[Key]:
        """Take in the version of a dependency; empty if it is gone.

        Returns:
            The objects that depend on it, if that changed.
        """
        return self.dependents(ref) if self.versions.note(ref, version) else ()

    def unread(self, key: Key) -> list[SecretPlace]:
        """Return the Secrets an object depends on whose present version was not read yet."""
        subject = self.subject(key)
        refs = self._inputs(subject) if subject else ()
        return [ref[1:] for ref in refs if self.versions.digest_of(ref) is None]

    def label(
        self, namespace: str, labels: Mapping[str, str] | None, version: str = ""
    ) -> Iterable[Key]:
        """Take in the labels of a namespace, None if it is gone, unless newer ones are known.

        Returns:
            The mailboxes that may be affected.
        """
        if self.is_past(ref := (Topic.NAMESPACE, "", namespace), version):
            return ()
        if labels is None:
            self.departures.note(ref, version)
        is_changed = self._offers.relabel(namespace, labels, version)
        return self.dependents(ref) if is_changed else ()

    @property
    def homes(self) -> Collection[str]:
        """The namespaces that have Mailboxes."""
        return self._index.homes

    def namespaces(self) -> Iterable[str]:
        """Return the namespaces that are known."""
        return tuple(self._offers.labels)

    def dependents(self, ref: Ref) -> Iterable[Key]:
        """Return the objects that name a Secret, or depend on another thing."""
        return self._index.dependents(ref)

    def subject(self, key: Key) -> Subject | None:
        """Return an object; None if it is gone."""
        return self._subjects.get(key)

    def seen(self, key: Key) -> Seen | None:
        """Return an object with all a decision depends on; None if it is gone."""
        subject = self.subject(key)
        if subject is None:
            return None
        refs, selection = sorted_refs(self._inputs(subject)), self.selections.of(subject)
        offer = (*self._offers.versions_for(subject), *self.selections.versions_for(selection))
        return Seen(
            subject,
            subject.status,
            self.versions.version_of(refs, offer),
            self._remembered.get(key, NOTHING),
            self.versions.contents_of(refs, offer),
            self.claims.held_by_another(subject),
            selection,
            self.selections.is_disturbed(subject),
        )

    def infrastructure_for(self, mailbox: Subject) -> ReadableInfrastructure | None:
        """Return the ManagedInfrastructure a Mailbox uses, if it is open to it; None under Private.

        Raises:
            Fault: It is not.
        """
        return self._offers.infrastructure_for(mailbox)

    def rest(self, key: Key) -> timedelta:
        """Return how long the address of a Mailbox waits for another one to be created again."""
        subject = self.subject(key)
        return self.claims.rest(subject) if subject else timedelta()

    def find(self, uid: str) -> Mailbox | None:
        """Return the Mailbox of a uid; None if there is none."""
        return self.claims.find(uid)

    def shares(self, provider: Provider, account: str, besides: str) -> bool:
        """Say whether a Mailbox other than that uid lives by what this account granted."""
        return self.claims.shares(provider, account, besides)

    def claimable(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Say what becomes of the address of a Mailbox that logged in.

        Raises:
            Fault: `AlreadyClaimed`: the address was proved, but another Mailbox holds it; or the
                ManagedInfrastructure cannot be used any more.
        """
        return self.claims.claimable(mailbox, ownership, self._offers.bound_for(mailbox))

    def claim(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Take the address of a Mailbox that logged in, or let it go; raises as `claimable` does."""
        return self.claims.claim(mailbox, ownership, self._offers.bound_for(mailbox))

    def conclude(self, key: Key, uid: str, conclusion: Conclusion) -> None:
        """Remember what an attempt came to, unless the object is another one by now."""
        subject = self.subject(key)
        if subject is not None and subject.uid == uid:
            self._remembered[key] = conclusion.known

    def forget_attempts(self, key: Key) -> None:
        """Remember nothing of an object's attempts: others make them from now on."""
        self._remembered.pop(key, None)

    def subjects(self) -> Iterator[Subject]:
        """Return every object."""
        return iter([*self._subjects.values()])

    def remembered(self) -> list[tuple[Subject, Known]]:
        """Return every object, and what is remembered of its attempts."""
        return [(x, self._remembered.get(key, NOTHING)) for key, x in self._subjects.items()]

    def _inputs(self, subject: Subject) -> set[Ref]:
        return self._index.inputs(subject, self._offers.used(subject))

    def _replace(self, before: Subject | None, after: Subject | None) -> None:
        """Have a view of an object in place of the one before; None where there is none."""
        if after is not None:
            self._subjects[after.key] = after
        elif before is not None:
            del self._subjects[before.key]
            self._remembered.pop(before.key, None)
            self.selections.forget(before.key)
        self.claims.replace(before, after)
        self.pools.replace(before, after)
        for ref in self._index.replace(before, after):
            self.versions.forget_digest(ref)
            if ref[0] in (Topic.SECRET, Topic.GRANT):
                self.on_unused(ref[1:])
