"""Remembers which passwords servers accepted, within bounds that no tenant can use up for others."""

from dataclasses import dataclass, field
from typing import Final

MOST_ACCEPTED: Final = 20_000


@dataclass(slots=True)
class Accepted:
    """Digests of accepted credentials by namespace; where the most are, the oldest gives way.

    Attributes:
        most: How many are kept in all.
    """

    most: int = MOST_ACCEPTED
    _kept: dict[str, dict[str, None]] = field(default_factory=dict)
    _count: int = 0

    def has(self, namespace: str, credential: str) -> bool:
        """Say whether a server accepted it from that namespace."""
        return credential in self._kept.get(namespace, ())

    def add(self, namespace: str, credential: str) -> None:
        """Remember one more."""
        own = self._kept.setdefault(namespace, {})
        if credential in own:
            return
        own[credential] = None
        self._count += 1
        if self._count > self.most:
            fullest = max(self._kept, key=lambda each: len(self._kept[each]))
            self.discard(fullest, next(iter(self._kept[fullest])))

    def discard(self, namespace: str, credential: str) -> None:
        """Forget one, if it is there."""
        own = self._kept.get(namespace, {})
        if credential in own:
            del own[credential]
            self._count -= 1
            if not own:
                del self._kept[namespace]
