"""An object of the cluster as the operator sees it, of whatever kind."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from sys import intern
from typing import Any, ClassVar, Final, Generic, TypeVar

from mailbox_operator.decide.cluster.shards import shard_of
from mailbox_operator.decide.declared.deliveries import (
    NO_DELIVERIES,
    Deliveries,
    deliveries_of,
)
from mailbox_operator.decide.declared.fields import invalid
from mailbox_operator.decide.declared.spec import CHECK_INTERVAL
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.names import RECONNECT
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.status.recorded import parse_status, status_written_at
from mailbox_operator.decide.texts.addresses import canonical_address, domain_of
from mailbox_operator.decide.words import Infrastructure, Kind, Provider

LONGEST_ECHO: Final = 256
LONGEST_NAME: Final = 63

Parsed = TypeVar("Parsed")
Read_co = TypeVar("Read_co", covariant=True)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Names one object."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(ABC):
    """One object of the cluster, and what it answers about itself, of whatever kind it is.

    Attributes:
        reconnect: Value of the reconnect annotation; empty if nobody asked.
        version: `metadata.resourceVersion` of this view.
        created: `metadata.creationTimestamp`; empty in a file.
        written: When the status was last changed, by `metadata.managedFields`; empty if unknown.
        deliveries: What gateways note of the messages that they sent through it.
        is_selected: Whether its labels make it this installation's to work on; others see to the rest.
        platform: Whether its kind is the platform's, so that its messages are for the platform.
    """

    platform: ClassVar[bool] = False
    key: Key
    uid: str
    generation: int
    version: str
    reconnect: str
    status: Status
    created: str = ""
    written: str = ""
    deliveries: Deliveries = NO_DELIVERIES
    is_selected: bool = True

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody asked for an attempt since the last one, by the annotation."""
        return self.reconnect != self.status.last_handled_reconnect_at

    @property
    @abstractmethod
    def infrastructure(self) -> Infrastructure:
        """Who brings what it connects with: the tenant or the platform."""

    @property
    @abstractmethod
    def destination(self) -> str:
        """What it dials; each destination takes only so many at once."""

    @property
    def server_from(self) -> Infrastructure:
        """Who names the server it dials."""
        return self.infrastructure

    @property
    def suspended(self) -> bool:
        """Whether it is to be left alone."""
        return False

    @property
    def check_interval(self) -> timedelta:
        """The time between two checks while it is healthy."""
        return CHECK_INTERVAL

    @property
    def provider(self) -> Provider | None:
        """Who runs it; None where that is not known, or there is nobody."""
        return None

    @property
    def takes_consent(self) -> bool:
        """Whether a person's consent connects it."""
        return False

    @property
    def address(self) -> str:
        """The address it connects; empty where there is none."""
        return ""

    @property
    def domain(self) -> str:
        """The part of the address after the at sign, in lower case."""
        return domain_of(self.address)

    @property
    def shard(self) -> int:
        """The number of the shard that it is in; all objects of one address are in the same."""
        return shard_of(canonical_address(self.address) or self.uid)

    @property
    def used(self) -> str | None:
        """Name of the ManagedInfrastructure it uses; None where it uses none."""
        return None

    @property
    def selects(self) -> Iterable[str]:
        """Name the Mailboxes of its namespace that it sends through."""
        return ()

    @property
    def binding(self) -> str:
        """Name of the Secret that is written for it; empty where none is."""
        return ""

    @property
    def facts(self) -> Mapping[str, str]:
        """What messages can say about it."""
        return {}

    @property
    def accepted(self) -> str | None:
        """What a check that succeeded has proved; None where its reason says that."""
        return None

    def secrets_for(self, provider: Provider | None = None) -> Iterable[str]:  # noqa: ARG002 - see subclasses
        """Name its Secrets, or of a ManagedInfrastructure those that mailboxes of a provider use."""
        return ()


@dataclass(frozen=True, slots=True)
class KindOf(Generic[Read_co]):
    """Where a kind stands at the API server, in metrics, and in whose namespace.

    Attributes:
        plural: Its name in paths.
        series: Its name at the head of metrics.
        namespaced: Whether its objects are in namespaces, and so the tenants'.
        connects: Whether each is a connection: its status has `Connected`, and names the server.
        parse: Reads one as the API server sends it, or as it stands in a file.
    """

    plural: str
    series: str
    namespaced: bool
    connects: bool
    parse: Callable[[Mapping[str, Any]], Read_co]


class Unreadable:
    """Marks an object whose spec cannot be read, and says why.

    Attributes:
        problem: The fault to report.
    """

    __slots__ = ()
    problem: Fault


def read_spec(
    key: Key, content: Any, parse: Callable[[Any], Parsed], longest: int = LONGEST_NAME
) -> Parsed | Fault:
    """Read a spec, or say why it cannot be read.

    Args:
        key: Of the object.
        content: The spec.
        parse: Reads it, or raises a fault.
        longest: Characters of its name; one of 63 fits into a label.
    """
    try:
        _check_name(key.name, longest)
        return parse(content)
    except Fault as fault:
        return fault.to_keep()


def metadata_of(key: Key, body: Mapping[str, Any]) -> dict[str, Any]:
    """Read what every object has beside its spec, as the API server sends it or as a file has it."""
    metadata = body["metadata"]
    return {
        "key": key,
        "uid": metadata.get("uid", ""),
        "generation": metadata.get("generation", 1),
        "version": metadata.get("resourceVersion", ""),
        "reconnect": _reconnect(metadata),
        "status": parse_status(body.get("status")),
        "created": intern(str(metadata.get("creationTimestamp") or "")),
        "written": status_written_at(metadata.get("managedFields")),
        "deliveries": deliveries_of(metadata),
    }


def _check_name(name: str, longest: int) -> None:
    if len(name) > longest:
        raise invalid("metadata.name", f"it must have at most {longest} characters")


def _reconnect(metadata: Mapping[str, Any]) -> str:
    """Read the reconnect annotation, as far as the status can echo it."""
    annotations = metadata.get("annotations")
    value = annotations.get(RECONNECT, "") if isinstance(annotations, Mapping) else ""
    return str(value)[:LONGEST_ECHO]
