"""Shares what is scarce fairly among tenants. Pure: nothing here waits, and there is no clock."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Shares:
    """Counts places in use, in all and by tenant.

    A tenant may hold as many places as are free beside its own: alone it gets half of them, rounded
    up, and however many tenants take all they can get, the next one still finds room.

    Source:
        Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches",
        IEEE/ACM Transactions on Networking 6 (1998), with a factor of 1.

    Attributes:
        total: How many places there are.
    """

    total: int
    _held: dict[str, int] = field(default_factory=dict)
    _in_use: int = 0

    @property
    def in_use(self) -> int:
        """How many places are taken."""
        return self._in_use

    @property
    def full(self) -> bool:
        """Whether no place is free."""
        return self._in_use >= self.total

    def held(self, tenant: str) -> int:
        """Return how many places a tenant holds."""
        return self._held.get(tenant, 0)

    def admits(self, tenant: str) -> bool:
        """Say whether a tenant may take one place more."""
        return self.held(tenant) < self.total - self._in_use

    def take(self, tenant: str) -> None:
        """Count one place more; ask `admits` first."""
        self._held[tenant] = self.held(tenant) + 1
        self._in_use += 1

    def give_back(self, tenant: str) -> None:
        """Count one place less."""
        self._in_use -= 1
        if left := self._held.pop(tenant, 0) - 1:
            self._held[tenant] = left


@dataclass(slots=True)
class Turns:
    """Says whose turn comes first: each tenant that waits gets as many turns as any other.

    Who has had nothing for a while goes next, and saves up nothing meanwhile.

    Source:
        Goyal, Vin and Cheng, "Start-Time Fair Queueing", IEEE/ACM Transactions on Networking 5
        (1997), with turns of one size.
    """

    _now: float = 0.0
    _free: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._free)

    def start(self, tenant: str) -> float:
        """Return the virtual time at which a tenant's next turn starts; the least goes first."""
        return max(self._now, self._free.get(tenant, 0.0))

    def serve(self, tenant: str) -> None:
        """Count a turn."""
        self._now = self.start(tenant)
        self._free[tenant] = self._now + 1

    def rest(self) -> None:
        """Forget who had how many: nobody waits any more."""
        self._now = 0.0
        self._free.clear()
