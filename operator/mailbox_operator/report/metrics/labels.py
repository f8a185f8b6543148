"""Writes what series are told apart by."""

from mailbox_operator.decide.declared.kinds import Subject


def labels_of(subject: Subject) -> tuple[str, str]:
    """Return provider and infrastructure as label values."""
    provider = subject.provider.value if subject.provider else "none"
    return (provider, subject.infrastructure.value)


def object_labels(subject: Subject) -> tuple[str, ...]:
    """Return the name of an object as label values; a ManagedInfrastructure has no namespace."""
    key = subject.key
    return (key.namespace, key.name) if key.namespace else (key.name,)


def flag(value: bool) -> str:  # noqa: FBT001 - it is the value
    """Write a yes or no as a label value."""
    return "true" if value else "false"
