"""Tables of goals, of what was reached, and of what it took, in markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

JUDGED: Final = {True: "ok", False: "short", None: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        goal: Empty where there is none.
        reached: With its unit.
        value: What was reached, as the number that runs are compared by.
        good: Whether the goal is reached; None where there is none.
        beside: What else is told: processor time, lateness.
    """

    what: str
    goal: str
    reached: str
    value: float
    good: bool | None = None
    beside: Sequence[str] = ()

    @property
    def cells(self) -> Sequence[str]:
        """The line as it is printed."""
        return (self.what, self.goal, self.reached, JUDGED[self.good], *self.beside)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """Write lines of cells, the first one with the names of the columns, each as wide as needed."""
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_written(lines, widths))


def _written(lines: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    head, *rest = lines
    for line in (head, ["-" * width for width in widths], *rest):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield f"| {' | '.join(cells)} |"
