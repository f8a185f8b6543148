"""Remembers what was learned, for a while and within bounds. Pure: time is an argument."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

CLEARED_EVERY_SECONDS: Final = 60

MemoryKey = TypeVar("MemoryKey", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Remembered(Generic[Value]):
    """A value that is good until then; its size is in bytes, as the caller measures it."""

    value: Value
    until: float
    size: int


@dataclass(slots=True)
class Memory(Generic[MemoryKey, Value]):
    """Values by name, each until its time; what was used longest ago makes room for what is new.

    Expired values are removed once a minute by any use, so none stays because nobody asks for it.

    Attributes:
        most: How many values are kept.
        most_bytes: Of the sizes of all of them.
    """

    most: int
    most_bytes: int
    _entries: "OrderedDict[MemoryKey, Remembered[Value]]" = field(
        default_factory=OrderedDict, repr=False
    )
    _bytes: int = 0
    _clear_at: float = 0.0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """The sizes of all values, in bytes."""
        return self._bytes

    def recall(self, name: MemoryKey, now: float) -> Value | None:
        """Return a value; None if it is not known, or not any more."""
        self._clear(now)
        entry = self._entries.get(name)
        if entry is None or entry.until <= now:
            return None
        self._entries.move_to_end(name)
        return entry.value

    def keep(self, name: MemoryKey, value: Value, until: float, now: float, size: int = 0) -> None:
        """Keep a value in place of any other of that name; one too large by itself is not kept."""
        self._clear(now)
        self.forget(name)
        if size > self.most_bytes:
            return
        self._entries[name] = Remembered(value, until, size)
        self._bytes += size
        while len(self._entries) > self.most or self._bytes > self.most_bytes:
            self.forget(next(iter(self._entries)))

    def forget_all(self, are_meant: Callable[[MemoryKey], bool]) -> None:
        """Forget the values of all names that are meant."""
        for name in [each for each in self._entries if are_meant(each)]:
            self.forget(name)

    def forget(self, name: MemoryKey) -> None:
        """Remove a value, if it is known."""
        entry = self._entries.pop(name, None)
        if entry is not None:
            self._bytes -= entry.size

    def _clear(self, now: float) -> None:
        if now < self._clear_at:
            return
        self._clear_at = now + CLEARED_EVERY_SECONDS
        for name in [name for name, entry in self._entries.items() if entry.until <= now]:
            self.forget(name)
