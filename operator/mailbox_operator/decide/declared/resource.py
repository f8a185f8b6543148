"""An object of the cluster as the operator sees it, of whichever of the two kinds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Self, TypeVar

from mailbox_operator.decide.declared.fields import invalid
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.names import RECONNECT
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.status.recorded import parse_status, status_written_at
from mailbox_operator.decide.words import Kind

LONGEST_ECHO: Final = 256
LONGEST_NAME: Final = 63

Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Names one object of the two kinds."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Watched(Generic[Asked]):
    """One object of the cluster.

    Attributes:
        spec: None where it cannot be read; `problem` then says why.
        reconnect: Value of the reconnect annotation; empty if nobody asked.
        version: `metadata.resourceVersion` of this view.
        created: `metadata.creationTimestamp`; empty in a file.
        written: When the status was last changed, by `metadata.managedFields`; empty if unknown.
    """

    key: Key
    uid: str
    generation: int
    version: str
    spec: Asked | None
    problem: Fault | None
    reconnect: str
    status: Status
    created: str = ""
    written: str = ""

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody asked for an attempt since the last one, by the annotation."""
        return self.reconnect != self.status.last_handled_reconnect_at

    @classmethod
    def read(cls, key: Key, body: Mapping[str, Any], parse: Callable[[Any], Asked]) -> Self:
        """Read an object as the API server sends it, or as it stands in a file.

        Args:
            key: Its name.
            body: All of it.
            parse: Reads `spec`; its fault becomes the object's problem.
        """
        metadata = body["metadata"]
        spec, problem = None, None
        try:
            _check_name(key.name)
            spec = parse(body.get("spec"))
        except Fault as fault:
            problem = fault
        return cls(
            key=key,
            uid=metadata.get("uid", ""),
            generation=metadata.get("generation", 1),
            version=metadata.get("resourceVersion", ""),
            spec=spec,
            problem=problem,
            reconnect=_reconnect(metadata),
            status=parse_status(body.get("status")),
            created=str(metadata.get("creationTimestamp") or ""),
            written=status_written_at(metadata.get("managedFields")),
        )


def _check_name(name: str) -> None:
    """Refuse a name that does not fit into a label."""
    if len(name) > LONGEST_NAME:
        raise invalid("metadata.name", f"it must have {LONGEST_NAME} characters at the most")


def _reconnect(metadata: Mapping[str, Any]) -> str:
    """Read the reconnect annotation, as far as the status can echo it."""
    annotations = metadata.get("annotations")
    value = annotations.get(RECONNECT, "") if isinstance(annotations, Mapping) else ""
    return str(value)[:LONGEST_ECHO]
