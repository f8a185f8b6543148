"""Which part of the cluster this operator looks at: all of it, or some namespaces."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from mailbox_operator.apiserver import object_path
from mailbox_operator.decide.words import Kind
from mailbox_operator.settings import Settings
from mailbox_operator.watch.secrets import secret_path

EVERYWHERE: Final = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is watched and listed, and nothing else.

    Attributes:
        namespaces: Whose Mailboxes and Secrets; empty means all.
        managed: Whether ManagedInfrastructures and the labels of namespaces, which lie in no
            namespace, are looked at.
    """

    namespaces: tuple[str, ...] = ()
    managed: bool = True

    @classmethod
    def of(cls, settings: Settings, operator_namespace: str) -> Self:
        """Read the configuration; the operator's own namespace always belongs to a list."""
        named = settings.namespaces
        own = {operator_namespace} if named else set()
        return cls(tuple(sorted({*named} | own)), settings.managed)

    @property
    def kinds(self) -> Iterable[Kind]:
        """Name the kinds, what others depend on first."""
        return (Kind.INFRASTRUCTURE, Kind.MAILBOX) if self.managed else (Kind.MAILBOX,)

    def paths(self, kind: Kind) -> Iterator[str]:
        """Say where the objects of a kind are listed."""
        places = self._places if kind is Kind.MAILBOX else (EVERYWHERE,)
        return (object_path(kind, namespace) for namespace in places)

    def secrets(self) -> Iterator[str]:
        """Say where Secrets are listed."""
        return (secret_path(namespace) for namespace in self._places)

    @property
    def _places(self) -> tuple[str, ...]:
        return self.namespaces or (EVERYWHERE,)
