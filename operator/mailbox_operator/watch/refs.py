"""What an object depends on: Secrets, a grant, other objects, the labels of a namespace."""

from collections.abc import Iterable
from enum import Enum, auto

from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.names import grant_name
from mailbox_operator.decide.words import Provider


class Topic(Enum):
    """What an object can depend on.

    Attributes:
        BINDING: A Secret that is written here: the login of a Sender, or the key of all logins. It goes
            by its version alone.
    """

    SECRET = auto()
    GRANT = auto()
    INFRASTRUCTURE = auto()
    NAMESPACE = auto()
    MAILBOX = auto()
    BINDING = auto()


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


def selected(subject: Subject) -> set[Ref]:
    """Return the Mailboxes that a Sender names."""
    return {(Topic.MAILBOX, subject.key.namespace, name) for name in subject.selects}


def own_binding(subject: Subject) -> set[Ref]:
    """Return the Secret that is written for a Sender."""
    if not subject.binding:
        return set()
    return {(Topic.BINDING, subject.key.namespace, subject.binding)}


def own_key(subject: Subject, login_key: SecretPlace) -> set[Ref]:
    """Return the Secret that the password of a Sender is derived from."""
    return {(Topic.BINDING, *login_key)} if subject.binding else set()


def ref_of(key: Key) -> Ref:
    """Return what Mailboxes that use an object, or Senders that name it, depend on."""
    topic = Topic.MAILBOX if KINDS[key.kind].connects else Topic.INFRASTRUCTURE
    return (topic, key.namespace, key.name)


def sorted_refs(refs: Iterable[Ref]) -> list[Ref]:
    """Put dependencies into an order that every replica finds again."""
    return sorted(refs, key=lambda ref: (ref[0].name, *ref[1:]))
