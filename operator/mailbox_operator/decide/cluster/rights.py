"""What the operator has to be allowed beside listing and watching, and what breaks without it.

A replica that lacks one of these works on, for most of what it does it can still do; but it says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.cluster.shards import SHARDS, shard_lease

OURS: Final = "mailbox-operator.io"
LEASES: Final = "coordination.k8s.io"


class Where(StrEnum):
    """Where a right is needed."""

    MAILBOXES = "each namespace that has Mailboxes"
    LOGINS = "each namespace that logins of Senders are written into"
    PLATFORM = "no namespace"
    EVENTS = "each namespace that Events are written to"
    SECRETS = "each namespace that Secrets are read in"
    HOME = "the operator's own namespace"
    LEDGERS = "the operator's own namespace, where there is a gateway"
    LEASE = "the Lease in that namespace"
    SHARD = "the Lease of each shard in that namespace"


@dataclass(frozen=True, slots=True)
class Right:
    """A verb and what it is for, as roles name both.

    Attributes:
        resource: Its plural, with the subresource, such as `mailboxes/status`.
        namespace: Empty for all, and for what is in none.
        name: Of the one object that it is limited to; empty for all.
        breaks: What does not work without it; empty where this replica does not work at all.
    """

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""
    breaks: str = ""

    def __str__(self) -> str:
        """Name it as kubectl does, such as `watch secrets in namespace acme`."""
        named = f"{self.resource}.{self.group}" if self.group else self.resource
        place = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.verb} {named}{place}"

    @property
    def lack(self) -> str:
        """Say that it is missing, what breaks, and what to do."""
        then = f", so {self.breaks}" if self.breaks else ""
        return f"the right to {self} is missing{then}: update the chart"


@dataclass(frozen=True, slots=True)
class Need:
    """A right, wherever it is needed; the attributes are those of `Right`."""

    verb: str
    group: str
    resource: str
    place: Where
    breaks: str


NEEDS: Final[Sequence[Need]] = (
    Need("patch", OURS, "mailboxes/status", Where.MAILBOXES, "no Mailbox shows how it stands"),
    Need(
        "patch",
        OURS,
        "managedinfrastructures/status",
        Where.PLATFORM,
        "no ManagedInfrastructure shows how it stands",
    ),
    Need("patch", OURS, "senders/status", Where.MAILBOXES, "no Sender shows how it stands"),
    Need("create", "", "secrets", Where.LOGINS, "no application gets a login"),
    Need("patch", "", "secrets", Where.LOGINS, "logins stay as they are, however Senders change"),
    Need("create", "", "events", Where.EVENTS, "no Event says what happened"),
    Need("patch", "", "events", Where.EVENTS, "Events do not count what happens again"),
    Need("get", "", "secrets", Where.SECRETS, "no credentials are read and no Mailbox connects"),
    Need(
        "create", "", "secrets", Where.HOME, "consents and new refresh tokens are lost on a restart"
    ),
    Need("patch", "", "secrets", Where.HOME, "renewed refresh tokens are lost on a restart"),
    Need("delete", "", "secrets", Where.HOME, "grants of deleted Mailboxes are never removed"),
    Need("list", "", "configmaps", Where.LEDGERS, "no status shows what may be sent still"),
    Need("delete", "", "configmaps", Where.LEDGERS, "counts that nobody uses are never removed"),
    Need("get", "", "namespaces", Where.MAILBOXES, "grants of deleted Mailboxes are never revoked"),
    Need("create", LEASES, "leases", Where.HOME, "no replica leads once the Lease is gone"),
    Need("get", LEASES, "leases", Where.LEASE, "this replica never leads"),
    Need("update", LEASES, "leases", Where.LEASE, "this replica cannot lead for long"),
    Need("list", LEASES, "leases", Where.HOME, "this replica works on no shard"),
    Need("update", LEASES, "leases", Where.SHARD, "no Mailbox of that shard is worked on"),
    Need("watch", LEASES, "leases", Where.LEASE, "a proxy that delays watches is not found"),
)


def rights(places: Mapping[Where, Sequence[str]], lease: str) -> Iterator[Right]:
    """Name each right that is needed, once.

    Args:
        places: The namespaces of each place; an empty name stands for all, or for none.
        lease: Name of the Lease.
    """
    for need in NEEDS:
        for name in _names(need.place, lease):
            for namespace in places.get(need.place, ()):
                yield Right(need.verb, need.group, need.resource, namespace, name, need.breaks)


def _names(place: Where, lease: str) -> Sequence[str]:
    """Name the objects that a need is limited to; an empty name stands for all."""
    match place:
        case Where.LEASE:
            return [lease]
        case Where.SHARD:
            return [shard_lease(lease, number) for number in range(SHARDS)]
        case _:
            return [""]
