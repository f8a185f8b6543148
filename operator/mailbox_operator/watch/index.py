"""Knows what each object depends on, and so whom a change concerns."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.watch.refs import (
    Ref,
    Topic,
    own_binding,
    own_grant,
    own_key,
    own_secrets,
    selected,
)


@dataclass(slots=True)
class Index:
    """The objects that depend on something; each view of an object enters once.

    Attributes:
        operator_namespace: Where the Secrets of a ManagedInfrastructure are, and all grants.
        login_key: Name of the Secret there that passwords of Senders are derived from.
        homes: How many Mailboxes and Senders there are in each namespace.

    Most Secrets have one object that depends on them, which is kept without a set around it.
    """

    operator_namespace: str
    login_key: str = ""
    homes: Counter[str] = field(default_factory=Counter)
    _dependents: dict[Ref, Key | set[Key]] = field(default_factory=dict)

    def replace(self, before: Subject | None, after: Subject | None) -> Collection[Ref]:
        """Enter a view of an object in place of the one before.

        Args:
            before: What was entered last; None for a new object.
            after: None for an object that is gone.

        Returns:
            What no object depends on any more.
        """
        self._count(before, -1)
        self._count(after, 1)
        old, new = (self.wakers(each) if each else set[Ref]() for each in (before, after))
        if after is not None:
            for ref in new - old:
                self._enter(ref, after.key)
        if before is None:
            return ()
        return [ref for ref in old - new if self._is_last(ref, before.key)]

    def dependents(self, ref: Ref) -> tuple[Key, ...]:
        """Return the objects that name a Secret, or depend on another thing."""
        found = self._dependents.get(ref, ())
        return (found,) if isinstance(found, Key) else tuple(found)

    def wakers(self, subject: Subject) -> set[Ref]:
        """Return what wakes an object: each of these, when it is another one than before.

        A ManagedInfrastructure wakes its Mailboxes, and passes on what its Secrets tell; the labels of
        their namespace decide whether it is open to them. A Mailbox wakes the Senders that name it, and
        so does each writer of the Secret of one.
        """
        refs = self._own(subject)
        if subject.used is not None:
            refs.add((Topic.INFRASTRUCTURE, "", subject.used))
            refs.add((Topic.NAMESPACE, "", subject.key.namespace))
        return refs | selected(subject) | own_binding(subject)

    def inputs(self, subject: Subject, used: Subject | None) -> set[Ref]:
        """Return what is digested of an object: the Secrets and grants that its attempt reads.

        Args:
            subject: The object.
            used: The ManagedInfrastructure that it uses, of whose Secrets only those for its provider
                count; None if there is none.
        """
        refs = self._own(subject)
        if used is not None:
            refs |= own_secrets(used, self.operator_namespace, subject.provider)
        return refs

    def _own(self, subject: Subject) -> set[Ref]:
        """Return what both share: the Secrets of an object's own, and its grant."""
        secrets = own_secrets(subject, self.operator_namespace)
        grant = own_grant(subject, self.operator_namespace)
        return secrets | grant | own_key(subject, (self.operator_namespace, self.login_key))

    def _count(self, subject: Subject | None, difference: int) -> None:
        if subject is not None and KINDS[subject.key.kind].namespaced:
            namespace = subject.key.namespace
            self.homes[namespace] += difference
            if not self.homes[namespace]:
                del self.homes[namespace]

    def _enter(self, ref: Ref, key: Key) -> None:
        found = self._dependents.setdefault(ref, key)
        if isinstance(found, set):
            found.add(key)
        elif found != key:
            self._dependents[ref] = {found, key}

    def _is_last(self, ref: Ref, key: Key) -> bool:
        """Take an object off what it depended on; say whether no other one is left."""
        found = self._dependents.get(ref)
        if isinstance(found, set):
            found.discard(key)
        elif found == key:
            found = None
        if not found:
            self._dependents.pop(ref, None)
        return not found
