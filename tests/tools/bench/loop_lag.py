"""How late the operator's event loop was in a phase, by the operator's own metric."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Final, Self

from lab.stand.exposition import samples

OPERATORS: Final = "mailbox_operator_loop_lag_seconds"
GATEWAYS: Final = "mailbox_gateway_loop_lag_seconds"


@dataclass(frozen=True, slots=True)
class Lag:
    """The looks so far.

    Attributes:
        counts: For each bound in seconds, the looks that were at most so late.
    """

    counts: Mapping[float, float] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, name: str = OPERATORS) -> Self:
        """Read it from a scrape; of several event loops, all looks together."""
        counts = dict[float, float]()
        for each in samples(text, f"{name}_bucket"):
            bound = float(each.labels["le"])
            counts[bound] = counts.get(bound, 0.0) + each.value
        return cls(dict(sorted(counts.items())))

    def since(self, before: "Lag", *, sleeps: int = 0) -> "Lag":
        """Tell what came since.

        Args:
            before: The looks until then.
            sleeps: How often the whole process was made to sleep: one look of each was as late as
                the sleep was long, and says nothing about the loop.
        """
        made = {bound: n - before.counts.get(bound, 0.0) for bound, n in self.counts.items()}
        if inf in made:
            longest = made[inf] - max((n for bound, n in made.items() if bound < inf), default=0.0)
            made[inf] -= min(sleeps, longest)
        return Lag(made)

    def quantile(self, share: float) -> float:
        """Estimate the seconds that a share of the looks was late at most, as Prometheus does.

        Returns:
            Nothing is guessed beyond the last bound; it is 0 without a look.
        """
        rank = share * max(self.counts.values(), default=0.0)
        bounds = [(0.0, 0.0), *self.counts.items()]
        for (low, under), (high, count) in pairwise(bounds):
            if rank and count >= rank:
                inside = (rank - under) / (count - under)
                return low if high == inf else low + (high - low) * inside
        return 0.0
