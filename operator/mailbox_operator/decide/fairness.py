"""Shares what is scarce fairly among tenants. Pure: nothing here waits, and there is no clock."""

from collections import Counter
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
    _held: Counter[str] = field(default_factory=Counter)
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
        return self._held[tenant]

    def admits(self, tenant: str) -> bool:
        """Say whether a tenant may take one place more."""
        return self._held[tenant] < self.total - self._in_use

    def take(self, tenant: str) -> None:
        """Count one place more; ask `admits` first."""
        self._held[tenant] += 1
        self._in_use += 1

    def give_back(self, tenant: str) -> None:
        """Count one place less."""
        self._held[tenant] -= 1
        self._in_use -= 1
        if not self._held[tenant]:
            del self._held[tenant]
