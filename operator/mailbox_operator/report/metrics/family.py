"""Writes a gauge with many series.

The lines are written here: ten thousand mailboxes have seventy thousand of them, for which the library
takes five times the time and, for a moment, a hundred megabytes. A gauge is written the same in
Prometheus' text and in OpenMetrics.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

LINES_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Family:
    """One gauge.

    Attributes:
        rows: Values of the labels, then the value.
    """

    name: str
    text: str
    labels: Sequence[str]
    rows: Iterable[tuple[Any, ...]]

    def written(self) -> Iterator[str]:
        """Write it out in parts, in both formats the same."""
        name = f"mailbox_operator_{self.name}"
        labels = ",".join(f'{label}="%s"' for label in self.labels)
        line = f"{name}{{{labels}}} %s\n" if labels else f"{name} %s\n"
        yield f"# HELP {name} {self.text}\n# TYPE {name} gauge\n"
        rows = iter(self.rows)
        while part := [
            line % (*map(escaped, row[:-1]), row[-1]) for row in islice(rows, LINES_AT_ONCE)
        ]:
            yield "".join(part)


@lru_cache(maxsize=65_536)
def escaped(value: str) -> str:
    """Write a label value; a name never needs it, but whoever may write statuses may write nonsense."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
