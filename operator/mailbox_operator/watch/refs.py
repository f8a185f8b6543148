"""What an object depends on: Secrets, a grant, a ManagedInfrastructure, the labels of a namespace."""

from collections.abc import Iterable
from enum import Enum, auto

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.names import grant_name
from mailbox_operator.decide.words import Provider


class Topic(Enum):
    """What a mailbox can depend on."""

    SECRET = auto()
    GRANT = auto()
    INFRASTRUCTURE = auto()
    NAMESPACE = auto()


Ref = tuple[Topic, str, str]
Name = Key | Ref
"""Names an object, or what objects depend on."""

SecretPlace = tuple[str, str]
"""Namespace and name of a Secret."""


def own_secrets(
    subject: Subject, operator_namespace: str, provider: Provider | None = None
) -> set[Ref]:
    """Return the Secrets an object names.

    Args:
        subject: The object.
        operator_namespace: Where those of a ManagedInfrastructure lie.
        provider: Of a ManagedInfrastructure only what a mailbox of this provider uses; None for all.
    """
    place = subject.key.namespace or operator_namespace
    return {(Topic.SECRET, place, name) for name in subject.secrets_for(provider)}


def own_grant(subject: Subject, operator_namespace: str) -> set[Ref]:
    """Return the grant of a Mailbox that is connected by consent."""
    if not subject.takes_consent:
        return set()
    return {(Topic.GRANT, operator_namespace, grant_name(subject.uid))}


def sorted_refs(refs: Iterable[Ref]) -> list[Ref]:
    """Put dependencies into an order that every replica finds again."""
    return sorted(refs, key=lambda ref: (ref[0].name, *ref[1:]))
