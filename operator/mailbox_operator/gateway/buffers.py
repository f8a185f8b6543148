"""Bounds the memory that messages take before they are sent."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Buffers:
    """Counts the bytes that are held, for whom.

    An owner gets as much as stays free at the most: half of all if alone, a third each of two that want
    all. So no owner, however many connections it has, takes the room of a small message from another.
    An owner is a tenant, for a tenant may have as many logins as it likes.

    Attributes:
        total: Bytes for all messages together.
    """

    total: int = 256 * 1024 * 1024
    _held: int = 0
    _by_owner: dict[str, int] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """Bytes that are taken."""
        return self._held

    def has_room(self, owner: str, size: int) -> bool:
        """Say whether an owner can have so many bytes more."""
        return self._by_owner.get(owner, 0) + size <= self.total - self._held - size

    def take(self, owner: str, size: int) -> bool:
        """Take bytes for an owner, if there is room for them."""
        if not self.has_room(owner, size):
            return False
        self._held += size
        self._by_owner[owner] = self._by_owner.get(owner, 0) + size
        return True

    def give_back(self, owner: str, size: int) -> None:
        """Return bytes that were taken."""
        self._held -= size
        if left := self._by_owner.pop(owner, 0) - size:
            self._by_owner[owner] = left
