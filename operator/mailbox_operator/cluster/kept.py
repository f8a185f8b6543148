"""What was read of Secrets, kept for the next attempt: bounded in bytes, fair to namespaces."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.cluster.answers import MIB
from mailbox_operator.decide.declared.secret import Secret

MOST_SECRET_BYTES: Final = 32 * MIB
ENTRY_BYTES: Final = 1024
"""What an entry costs beside its values."""


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """One version of one Secret."""

    version: str
    secret: Secret

    @property
    def size(self) -> int:
        """Bytes that it costs, about."""
        return ENTRY_BYTES + self.secret.size


@dataclass(slots=True)
class KeptSecrets:
    """Secrets by namespace and name, least recently used first.

    When there is no room, the namespace that takes the most gives way with its oldest one, so nobody
    can push out what others need.
    """

    most_bytes: int = MOST_SECRET_BYTES
    size: int = 0
    _places: dict[str, "OrderedDict[str, SecretVersion]"] = field(default_factory=dict, repr=False)
    _sizes: dict[str, int] = field(default_factory=dict)

    def find(self, namespace: str, name: str) -> SecretVersion | None:
        """Return what is kept of a Secret."""
        entries = self._places.get(namespace)
        if entries is None or name not in entries:
            return None
        entries.move_to_end(name)
        return entries[name]

    def keep(self, namespace: str, version: str, secret: Secret) -> None:
        """Keep a Secret in place of what was kept of it."""
        self.forget(namespace, secret.name)
        entry = SecretVersion(version, secret)
        self._places.setdefault(namespace, OrderedDict())[secret.name] = entry
        self._count(namespace, entry.size)
        while self.size > self.most_bytes:
            largest = max(self._sizes, key=self._sizes.__getitem__)
            self.forget(largest, next(iter(self._places[largest])))

    def forget(self, namespace: str, name: str) -> None:
        """Keep nothing of a Secret."""
        entry = self._places.get(namespace, OrderedDict()).pop(name, None)
        if entry is not None:
            self._count(namespace, -entry.size)

    def _count(self, namespace: str, size: int) -> None:
        self.size += size
        self._sizes[namespace] = self._sizes.get(namespace, 0) + size
        if not self._places[namespace]:
            del self._places[namespace], self._sizes[namespace]
