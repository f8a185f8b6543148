"""Shares a rate fairly among those who are told apart step by step. Pure: time is an argument."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Final

SHARED_SECONDS: Final = 60.0

Path = tuple[str, ...]


@dataclass(slots=True)
class SharedRate:
    """Counts turns of the last minute by who took them, and leaves room for others at every step.

    Who takes a turn is a path, such as tenant, address, browser. A turn is granted while the taker has
    taken fewer than are left, where a turn counts once for all, once more for others of the same
    tenant, and once more for those of the same address. So a flood leaves turns to the next browser at
    its address, more to the next address, and most to the next tenant.

    Source:
        Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches",
        IEEE/ACM Transactions on Networking 6 (1998), with a factor of 1 at each step.

    Attributes:
        per_minute: SharedRate in all; no more than these are remembered.
    """

    per_minute: int
    _taken: deque[tuple[float, Path]] = field(default_factory=deque)
    _counts: Counter[Path] = field(default_factory=Counter)

    def take(self, path: Path, now: float) -> bool:
        """Take a turn; False if there is none for this path now.

        Args:
            path: Who takes it, from the largest group to the taker itself; one step or more.
            now: Seconds of a clock that never goes back.
        """
        self._forget(now - SHARED_SECONDS)
        steps = [path[:length] for length in range(len(path))]
        left = self.per_minute - sum(self._counts[step] for step in steps)
        if self._counts[path] >= left:
            return False
        self._taken.append((now, path))
        self._counts.update([*steps, path])
        return True

    def __len__(self) -> int:
        return len(self._taken)

    def _forget(self, until: float) -> None:
        while self._taken and self._taken[0][0] <= until:
            _, path = self._taken.popleft()
            for length in range(len(path) + 1):
                step = path[:length]
                self._counts[step] -= 1
                if not self._counts[step]:
                    del self._counts[step]
