"""A fleet for the schedule alone: who has how many Mailboxes, at which servers, on which replica."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from mailbox_operator.decide.cluster.shards import SHARDS, shard_of, share_of
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.backoff import PACE
from mailbox_operator.decide.words import Kind
from mailbox_operator.settings.operator import LimitsSection

PROVIDERS: Final = ("smtp.gmail.com",) * 4 + ("smtp.office365.com",) * 4 + ("own",) * 2
"""Where of ten Mailboxes each is; `own` is a server of its tenant's."""

LIMITS: Final = LimitsSection()


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is played.

    Attributes:
        mailboxes: Of all tenants.
        tenants: The first one has a tenth of all Mailboxes, the others share the rest.
        newcomers: Created at one moment, in turn by every tenant.
        interval: Seconds between two checks of a healthy Mailbox.
        rounds: Intervals that are played.
        check_seconds: What a check waits for its mail server.
        processor_seconds: Of the replica's one core, for each check.
        overdue: Whether every check is due at the start, as after an outage.
        limits: Of each replica, apart from what all of them together have in flight at one server.
        per_host: That; each replica gets an even part.
    """

    mailboxes: int = 100_000
    replicas: int = 4
    tenants: int = 91
    newcomers: int = 100
    interval: float = 600.0
    rounds: int = 2
    check_seconds: float = 0.3
    processor_seconds: float = 0.005
    overdue: bool = False
    limits: LimitsSection = LIMITS
    per_host: int = 40

    def named(self) -> Iterator[Key]:
        """Name all Mailboxes."""
        large, others = self.mailboxes // 10, self.tenants - 1
        for number in range(self.mailboxes):
            tenant = 0 if number < large else 1 + number % others
            yield self.key(tenant, f"{number}")

    def created(self) -> Iterator[Key]:
        """Name the newcomers."""
        return (
            self.key(number % self.tenants, f"new-{number}") for number in range(self.newcomers)
        )

    @property
    def created_at(self) -> float:
        """When they come, in seconds since the start."""
        return 10.0 if self.overdue else 1.5 * self.interval

    def key(self, tenant: int, name: str) -> Key:
        """Name a Mailbox."""
        return Key(Kind.MAILBOX, f"tenant-{tenant}", name)

    def replica(self, key: Key) -> int:
        """Say which replica works on a Mailbox: each holds as many shards as any other."""
        return shard_of(str(key)) % self.replicas

    def destination(self, key: Key) -> str:
        """Name the server of a Mailbox."""
        provider = PROVIDERS[sha256(str(key).encode()).digest()[5] % len(PROVIDERS)]
        return f"smtp.{key.namespace}.example" if provider == "own" else provider

    @property
    def part(self) -> int:
        """Checks that a replica may have in flight at one server."""
        return share_of(self.per_host, SHARDS // self.replicas)

    @property
    def longest_pause(self) -> float:
        """The most seconds that a healthy Mailbox rests."""
        return self.interval * (1 + PACE.spread)
