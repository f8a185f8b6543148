"""A Mailbox as the operator sees it: what is asked for, and what its status says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.manifest import invalid
from mailbox_operator.decide.recorded import parse_status
from mailbox_operator.decide.spec import CHECK_INTERVAL, Spec, parse_spec
from mailbox_operator.decide.status import Status
from mailbox_operator.decide.words import Infrastructure, Kind

RECONNECT: Final = "mailbox-operator.io/reconnect-requested-at"
LONGEST_ECHO: Final = 256
LONGEST_NAME: Final = 63


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Names one object of the two kinds."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One Mailbox of the cluster.

    Attributes:
        spec: None where it cannot be read; `problem` then says why.
        reconnect: Value of the reconnect annotation; empty if nobody asked.
        version: `metadata.resourceVersion` of this view.
    """

    key: Key
    uid: str
    generation: int
    version: str
    spec: Spec | None
    problem: Fault | None
    reconnect: str
    status: Status

    @property
    def infrastructure(self) -> Infrastructure:
        """Whose infrastructure it uses; Private where that cannot be read."""
        return self.spec.infrastructure if self.spec else Infrastructure.PRIVATE

    @property
    def suspended(self) -> bool:
        """Whether it is to be left alone."""
        return self.spec is not None and self.spec.suspend

    @property
    def check_interval(self) -> timedelta:
        """The time between two checks while it is healthy."""
        return self.spec.check_interval if self.spec else CHECK_INTERVAL


def parse_mailbox(body: Mapping[str, Any]) -> Mailbox:
    """Read a Mailbox as the API server sends it, or as it stands in a file."""
    metadata = body["metadata"]
    spec, problem = None, None
    try:
        check_name(metadata["name"])
        spec = parse_spec(body.get("spec"))
    except Fault as fault:
        problem = fault
    return Mailbox(
        key=Key(Kind.MAILBOX, metadata.get("namespace", "default"), metadata["name"]),
        uid=metadata.get("uid", ""),
        generation=metadata.get("generation", 1),
        version=metadata.get("resourceVersion", ""),
        spec=spec,
        problem=problem,
        reconnect=reconnect_of(metadata),
        status=parse_status(body.get("status")),
    )


def check_name(name: str) -> None:
    """Refuse a name that does not fit into a label.

    Raises:
        Fault: `InvalidSpec`.
    """
    if len(name) > LONGEST_NAME:
        raise invalid("metadata.name", f"it must have {LONGEST_NAME} characters at the most")


def reconnect_of(metadata: Mapping[str, Any]) -> str:
    """Read the reconnect annotation, as far as the status can echo it."""
    annotations = metadata.get("annotations")
    value = annotations.get(RECONNECT, "") if isinstance(annotations, Mapping) else ""
    return str(value)[:LONGEST_ECHO]
