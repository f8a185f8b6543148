"""What an object depends on: Secrets, a grant, a ManagedInfrastructure, the labels of a namespace."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Any, Final

from mailbox_operator.cluster.apiserver import GROUP
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.consent import takes_consent
from mailbox_operator.decide.machine.seen import Subject
from mailbox_operator.decide.words import Provider

GRANT: Final = f"{GROUP}/grant"
"""Label of the Secret that holds a grant."""

CONSENT: Final = f"{GROUP}/consent"
"""Annotation of that Secret: which consent the grant came by. A refresh does not change it."""


ORPHANED: Final = f"{GROUP}/orphaned"
"""Label of a grant whose Mailbox is gone."""

GRANTED: Final = f"{GROUP}/granted-at"
"""Annotation: when the grant was written down. A restored Secret was created much later."""


class Topic(Enum):
    """What a mailbox can depend on."""

    SECRET = auto()
    GRANT = auto()
    INFRASTRUCTURE = auto()
    NAMESPACE = auto()


Ref = tuple[Topic, str, str]
Name = Key | Ref
"""Names an object, or what objects depend on."""

Place = tuple[str, str]
"""Namespace and name of a Secret."""


def annotations_of(metadata: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the annotations of an object."""
    return metadata.get("annotations") or {}


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


def own_grant(subject: Subject, operator_namespace: str) -> set[Ref]:
    """Return the grant of a Mailbox that is connected by consent."""
    if not isinstance(subject, Mailbox) or not takes_consent(subject.spec):
        return set()
    return {(Topic.GRANT, operator_namespace, grant_name(subject.uid))}


def grant_name(uid: str) -> str:
    """Name the Secret that holds the grant of a Mailbox uid."""
    return f"mailbox-grant-{uid}"


def sorted_refs(refs: Iterable[Ref]) -> list[Ref]:
    """Put dependencies into an order that every replica finds again."""
    return sorted(refs, key=lambda ref: (ref[0].name, *ref[1:]))


def newer(version: str, than: str) -> bool:
    """Compare resource versions; since Kubernetes 1.35 they are numbers that grow (KEP-5504)."""
    if version.isdecimal() and than.isdecimal():
        return int(version) > int(than)
    return version != than


def older(version: str, than: str) -> bool:
    """Say whether a resource version is the older one beyond doubt: both are numbers."""
    return version.isdecimal() and than.isdecimal() and int(version) < int(than)
