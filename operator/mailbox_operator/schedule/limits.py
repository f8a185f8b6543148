"""How much is done at once, and how fast. Pure: time is an argument."""

from collections import Counter
from dataclasses import dataclass, field

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sharing.fairness import Shares
from mailbox_operator.decide.sharing.leeway import Leeway


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
    """Counts what is in flight, in all and by destination; no tenant gets all of the former.

    What an attempt came to is shown after it. Where that takes long, no more attempts are begun
    than can wait for it: each of them keeps some memory, and would not be seen any sooner.

    Attributes:
        total: Attempts in flight. Twice as many may wait until what they came to is shown.
        each: The same at one destination, where those that wait take turns.
        leeway: How many of them may be periodic.
    """

    total: int
    each: int
    leeway: Leeway = field(init=False)
    _periodic: int = 0
    _all: Shares = field(init=False)
    _unshown: Shares = field(init=False)
    _at: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._all = Shares(self.total)
        self._unshown = Shares(3 * self.total)
        self.leeway = Leeway(self.total)

    @property
    def full(self) -> bool:
        """Whether nothing more may be started."""
        return self._all.full or self._unshown.full

    def admits(self, tenant: str) -> bool:
        """Say whether a tenant may have one attempt more in flight."""
        return self._all.admits(tenant) and self._unshown.admits(tenant)

    def is_free(self, destination: str) -> bool:
        """Say whether a destination has room for one attempt more."""
        return self._at[destination] < self.each

    @property
    def has_leeway(self) -> bool:
        """Whether one periodic attempt more may be started."""
        return self._periodic < self.leeway.allowed

    def take(self, tenant: str, destination: str, *, is_periodic: bool = False) -> None:
        """Count one more."""
        self._all.take(tenant)
        self._unshown.take(tenant)
        self._periodic += is_periodic
        self._at[destination] += 1

    def give_back(self, tenant: str, destination: str, *, is_periodic: bool = False) -> None:
        """Count one attempt less; what it came to is still to be shown."""
        self._all.give_back(tenant)
        self._periodic -= is_periodic
        self._at[destination] -= 1
        if not self._at[destination]:
            del self._at[destination]

    def shown(self, tenant: str) -> None:
        """Count one less that waits until what it came to is shown."""
        self._unshown.give_back(tenant)


@dataclass(slots=True)
class Distances:
    """Keeps the attempts apart that changes of one object ask for.

    A few follow at once, as when somebody tries one password after the other; then one comes every
    so many seconds, however often the object or its Secret is written.

    Source:
        The generic cell rate algorithm (ITU-T I.371), with one time to remember for each object.

    Attributes:
        seconds: From one attempt to the next.
        burst: How many may follow at once.
    """

    seconds: float = 30.0
    burst: int = 5
    _even: dict[Key, float] = field(default_factory=dict)

    def earliest(self, key: Key, now: float) -> float:
        """Return the time of the next attempt that a change may ask for: now, or later."""
        return max(now, self._even.get(key, now) - (self.burst - 1) * self.seconds)

    def count(self, key: Key, now: float) -> None:
        """Count an attempt that a change asked for."""
        self._even[key] = max(self._even.get(key, now), now) + self.seconds

    def forget_old(self, now: float) -> None:
        """Forget those that may follow at once again; a deletion alone forgets nothing."""
        self._even = {key: even for key, even in self._even.items() if even > now}

    def __len__(self) -> int:
        return len(self._even)
