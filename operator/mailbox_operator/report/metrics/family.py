"""Writes a gauge with many series.

The lines are written here: ten thousand mailboxes have seventy thousand of them, for which the library
takes five times the time and, for a moment, a hundred megabytes. A gauge is written the same in
Prometheus' text and in OpenMetrics.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

LINES_AT_ONCE: Final = 500


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
        while part := list(islice(rows, LINES_AT_ONCE)):
            text = "".join([line % row for row in part])
            if self._is_odd(text, len(part)):
                text = "".join([line % (*map(escaped, row[:-1]), row[-1]) for row in part])
            yield text

    def _is_odd(self, text: str, lines: int) -> bool:
        """Say whether a value has to be escaped: to look at all at once takes half the time."""
        quotes = 2 * len(self.labels) * lines
        return "\\" in text or text.count('"') != quotes or text.count("\n") != lines


def escaped(value: str) -> str:
    """Write a label value; a name never needs it, but whoever may write statuses may write nonsense."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
