"""How much is done at once, and how fast. Pure: time is an argument."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """A token bucket.

    Attributes:
        rate: Tokens a second.
        burst: Tokens it holds at the most.
    """

    rate: float
    burst: float
    _tokens: float = field(init=False)
    _filled: float | None = None

    def __post_init__(self) -> None:
        self._tokens = self.burst

    def wait(self, now: float) -> float:
        """Return the seconds until a token is there; 0 if one is."""
        if self._filled is not None:
            self._tokens = min(self.burst, self._tokens + (now - self._filled) * self.rate)
        self._filled = now
        return max(0.0, (1 - self._tokens) / self.rate)

    def take(self) -> None:
        """Take a token; ask `wait` first."""
        self._tokens -= 1


@dataclass(slots=True)
class Slots:
    """Counts what is in flight, in all and by destination."""

    total: int
    each: int
    _busy: Counter[str] = field(default_factory=Counter)
    _count: int = 0

    @property
    def full(self) -> bool:
        """Whether nothing more may be started."""
        return self._count >= self.total

    def is_free(self, destination: str) -> bool:
        """Whether a destination has room."""
        return self._busy[destination] < self.each

    def take(self, destination: str) -> None:
        """Count one more."""
        self._busy[destination] += 1
        self._count += 1

    def give_back(self, destination: str) -> None:
        """Count one less."""
        self._busy[destination] -= 1
        self._count -= 1
        if not self._busy[destination]:
            del self._busy[destination]
