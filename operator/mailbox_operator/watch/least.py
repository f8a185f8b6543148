"""The least of some names, which come and go."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush


@dataclass(slots=True)
class Least:
    """A heap of names. One that goes stays in it until it is the least."""

    _names: set[str] = field(default_factory=set)
    _heap: list[str] = field(default_factory=list)
    _heaped: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def put(self, name: str, *, is_in: bool) -> None:
        """Have a name in, or not."""
        if not is_in:
            self._names.discard(name)
            return
        self._names.add(name)
        if name not in self._heaped:
            self._heaped.add(name)
            heappush(self._heap, name)

    def first(self) -> str | None:
        """Return the least name; None where there is none."""
        while self._heap and self._heap[0] not in self._names:
            self._heaped.discard(heappop(self._heap))
        return self._heap[0] if self._heap else None
