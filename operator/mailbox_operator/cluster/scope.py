"""Which part of the cluster this operator looks at: all of it, or some namespaces."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from mailbox_operator.cluster.paths import namespace_path, object_path
from mailbox_operator.decide.cluster.rights import Where
from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.words import Kind
from mailbox_operator.settings.file import Settings
from mailbox_operator.settings.operator import SecretRights

ALL_NAMESPACES: Final = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is watched and listed, and nothing else.

    Attributes:
        namespaces: Whose Mailboxes and Secrets; empty means all.
        managed: Whether ManagedInfrastructures and the labels of namespaces, which lie in no
            namespace, are looked at.
        home: The operator's own namespace.
        namespaced: Whether Secrets may be read namespace by namespace only.
        gateway: Whether there is a gateway, so that logins are written.
    """

    namespaces: tuple[str, ...] = ()
    managed: bool = True
    home: str = ""
    namespaced: bool = False
    gateway: bool = False

    @classmethod
    def of(cls, settings: Settings, operator_namespace: str) -> Self:
        """Read the configuration; the operator's own namespace always belongs to a list."""
        named = settings.namespaces
        own = {operator_namespace} if named else set()
        namespaced = settings.secrets is SecretRights.NAMESPACED
        places = tuple(sorted({*named} | own))
        gateway = settings.gateway.address is not None
        return cls(places, settings.managed, operator_namespace, namespaced, gateway)

    @property
    def kinds(self) -> Iterable[Kind]:
        """Name the kinds, what others depend on first."""
        seen = [kind for kind, declared in KINDS.items() if declared.namespaced or self.managed]
        return sorted(seen, key=lambda kind: KINDS[kind].namespaced)

    def paths(self, kind: Kind) -> Iterator[str]:
        """Say where the objects of a kind are listed."""
        return (object_path(kind, namespace) for namespace in self.places(kind))

    def places(self, kind: Kind) -> tuple[str, ...]:
        """Say in which namespaces the objects of a kind are; empty means everywhere."""
        return self._places if KINDS[kind].namespaced else (ALL_NAMESPACES,)

    def has(self, namespace: str) -> bool:
        """Say whether the Mailboxes of a namespace are looked at."""
        return not self.namespaces or namespace in self.namespaces

    @property
    def followed(self) -> Iterator[str]:
        """Say which paths kopf watches."""
        for kind in self.kinds:
            yield from self.paths(kind)
        if self.managed:
            yield namespace_path()

    def secrets(self, homes: Collection[str]) -> set[str]:
        """Say where Secrets are watched: in which namespaces, or everywhere.

        Args:
            homes: The namespaces that have Mailboxes.
        """
        return {self.home, *homes} if self.namespaced else set(self._places)

    @property
    def duties(self) -> Mapping[Where, Sequence[str]]:
        """Say where rights are needed beside those to list and watch."""
        strangers = ["default"] if self.managed and not self.has("default") else []
        return {
            Where.MAILBOXES: self._places,
            Where.PLATFORM: [ALL_NAMESPACES] if self.managed else [],
            Where.LOGINS: self._logins,
            Where.EVENTS: [*self._places, *strangers],
            Where.SECRETS: sorted(self.secrets(())),
            Where.HOME: [self.home],
            Where.LEDGERS: [self.home] if self.gateway else [],
            Where.LEASE: [self.home],
            Where.SHARD: [self.home],
        }

    @property
    def _logins(self) -> Sequence[str]:
        """Say where logins are written; by RoleBindings, that is for each tenant to admit."""
        return self._places if self.gateway and not self.namespaced else ()

    @property
    def _places(self) -> tuple[str, ...]:
        return self.namespaces or (ALL_NAMESPACES,)
