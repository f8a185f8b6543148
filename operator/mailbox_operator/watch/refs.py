"""What an object depends on: Secrets, a ManagedInfrastructure, the labels of a namespace."""

from collections.abc import Iterable
from enum import Enum, auto

from mailbox_operator.decide.mailbox import Mailbox
from mailbox_operator.decide.seen import Subject
from mailbox_operator.decide.words import Provider


class Topic(Enum):
    """What a mailbox can depend on."""

    SECRET = auto()
    INFRASTRUCTURE = auto()
    NAMESPACE = auto()


Ref = tuple[Topic, str, str]


def own_secrets(
    subject: Subject, operator_namespace: str, provider: Provider | None = None
) -> set[Ref]:
    """Return the Secrets an object names.

    Args:
        subject: The object.
        operator_namespace: Where those of a ManagedInfrastructure lie.
        provider: Of a ManagedInfrastructure only what a mailbox of this provider uses; None for all.
    """
    if subject.spec is None:
        return set()
    if isinstance(subject, Mailbox):
        names: Iterable[str | None] = (subject.spec.secret, subject.spec.smtp.ca_secret)
        return {(Topic.SECRET, subject.key.namespace, name) for name in names if name}
    offer = subject.spec
    names = (
        offer.google_secret if provider in (None, Provider.GOOGLE) else None,
        offer.outlook_secret if provider in (None, Provider.OUTLOOK) else None,
        offer.relay.secret if offer.relay else None,
        offer.relay.ca_secret if offer.relay else None,
    )
    return {(Topic.SECRET, operator_namespace, name) for name in names if name}


def sorted_refs(refs: Iterable[Ref]) -> list[Ref]:
    """Put dependencies into an order that every replica finds again."""
    return sorted(refs, key=lambda ref: (ref[0].name, *ref[1:]))


def newer(version: str, than: str) -> bool:
    """Compare resource versions; since Kubernetes 1.35 they are numbers that grow (KEP-5504)."""
    if version.isdecimal() and than.isdecimal():
        return int(version) > int(than)
    return version != than
