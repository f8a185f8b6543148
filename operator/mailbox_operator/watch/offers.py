"""Knows what platform teams offer: which ManagedInfrastructure is open to which Mailbox."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Kind

NO_LABELS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels of a namespace, and the resourceVersion they were read with."""

    version: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Offers:
    """ManagedInfrastructures, and the labels of namespaces that open them.

    Attributes:
        find: Returns an object; None if there is none.
        managed: Whether ManagedInfrastructures are looked at.
        labels: By namespace.
    """

    find: Callable[[Key], Subject | None]
    managed: bool
    labels: dict[str, Labelled] = field(default_factory=dict)

    def relabel(self, namespace: str, labels: Mapping[str, str] | None, version: str) -> bool:
        """Take in the labels of a namespace, None if it is gone; say whether they changed."""
        before = self.labels.pop(namespace, None)
        if labels is not None:
            self.labels[namespace] = Labelled(version, labels)
        return labels != (before.labels if before else None)

    def labels_version(self, namespace: str) -> str:
        """Return the resourceVersion of the labels of a namespace; empty without any."""
        labelled = self.labels.get(namespace)
        return labelled.version if labelled else ""

    def used(self, subject: Subject) -> Subject | None:
        """Return the ManagedInfrastructure an object uses; None if there is none."""
        return self.find(Key(Kind.INFRASTRUCTURE, "", subject.used)) if subject.used else None

    def infrastructure_for(self, mailbox: Subject) -> ReadableInfrastructure | None:
        """Return the ManagedInfrastructure a Mailbox uses; None under Private.

        Raises:
            Fault: It does not exist, cannot be read, or is not open to the namespace or to this
                domain in it. Whether the address is claimed is told after a proof only.
        """
        if mailbox.used is None:
            return None
        used = self.used(mailbox)
        if used is None:
            problem = (
                "does not exist" if self.managed else "is out of sight: Managed is switched off"
            )
            raise Fault(Reason.INFRASTRUCTURE_NOT_FOUND, facts={"problem": problem})
        if not isinstance(used, ReadableInfrastructure):
            raise Fault(Reason.INFRASTRUCTURE_NOT_FOUND, facts={"problem": "cannot be read"})
        labelled = self.labels.get(mailbox.key.namespace)
        if not used.spec.admits(labelled.labels if labelled else NO_LABELS):
            raise Fault(Reason.INFRASTRUCTURE_NOT_ALLOWED)
        bound = used.spec.bound_to(mailbox.domain)
        if mailbox.key.namespace not in (bound or (mailbox.key.namespace,)):
            raise Fault(Reason.DOMAIN_NOT_ALLOWED)
        return used

    def bound_for(self, mailbox: Subject) -> Collection[str] | None:
        """Return the namespaces that the platform binds a Mailbox's domain to; None if to none.

        Raises:
            Fault: As `infrastructure_for` does.
        """
        infrastructure = self.infrastructure_for(mailbox)
        return infrastructure.spec.bound_to(mailbox.domain) if infrastructure else None

    def versions_for(self, subject: Subject) -> Collection[str]:
        """Return the version of what a Mailbox is offered, or why nothing is; empty under Private."""
        if subject.used is None:
            return ()
        try:
            infrastructure = self.infrastructure_for(subject)
        except Fault as fault:
            return (fault.reason,)
        assert infrastructure is not None
        bound = "/bound" if infrastructure.spec.bound_to(subject.domain) else ""
        return (f"{infrastructure.uid}/{infrastructure.offer_version}{bound}",)
