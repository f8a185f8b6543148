"""What the figures mean, and whether they are good enough."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from tools.bench.meanings import MEANINGS
from tools.bench.rendering import TENANTS_MAILBOXES
from tools.bench.rounds import Figures

COLUMNS: Final = ("WHAT", "GOAL", "REACHED", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        reached: With its unit.
        good: Whether the goal is reached.
    """

    what: str
    goal: str
    reached: str
    good: bool

    @property
    def cells(self) -> Sequence[str]:
        """The line as it is printed."""
        return (self.what, self.goal, self.reached, "ok" if self.good else "short")


def rows(figures: Figures, size: int) -> Iterator[Row]:
    """Compare the figures with the goals."""
    for what, took, bare in (
        (
            "all due again, in the time of a bare loop",
            "refresh_seconds",
            figures["bare_seconds_meanwhile"],
        ),
        (
            "all new, in the time of a bare loop with the same requests to the API server",
            "first_seconds",
            figures["bare_seconds_with_requests"],
        ),
    ):
        ratio = figures[took] / bare
        yield Row(f"{size} logins, {what}", "at most 1.5", f"{ratio:.2f}", ratio <= 1.5)
    peak = max(value for key, value in figures.items() if key.endswith("peak_mib"))
    yield Row(
        f"peak memory with {size} Mailboxes", "at most 200 MiB", f"{peak:.0f} MiB", peak <= 200
    )
    yield from restart_rows(figures)
    wait = figures["newcomer_p99_seconds"]
    what = "99 of 100 new Mailboxes connect, while all others are due, within"
    yield Row(what, "at most 5 s", f"{wait:.2f} s", wait <= 5)
    idle = figures["idle_percent"]
    yield Row("processor while nothing is due", "under 5 %", f"{idle:.1f} %", idle < 5)
    scrape = figures["scrape_seconds_idle"]
    yield Row("a scrape of all series", "under 1 s", f"{scrape:.2f} s", scrape < 1)
    stall = figures["scrape_stall_seconds_idle"]
    what = "what a scrape keeps the event loop from anything else"
    yield Row(what, "under 0.25 s", f"{stall:.2f} s", stall < 0.25)
    render = figures["tenant_render_seconds"]
    what = f"a tenant of {TENANTS_MAILBOXES} mailboxes rendered by Helm"
    yield Row(what, "at most 5 s", f"{render:.2f} s", render <= 5)


def restart_rows(figures: Figures) -> Iterator[Row]:
    """Judge the restart after a kill."""
    took, writes = figures["restart_seconds"], figures["restart_writes"]
    what = "killed, started again: leads and knows all after"
    yield Row(what, "at most 30 s", f"{took:.1f} s", took <= 30)
    yield Row("writes to the API after that", "0", f"{writes:.0f}", writes == 0)


def table(found: Sequence[Row]) -> str:
    """Lay the rows out."""
    return laid_out([COLUMNS, *(row.cells for row in found)])


def laid_out(lines: Sequence[Sequence[str]]) -> str:
    """Write lines of cells below each other, each column as wide as it has to be."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def details(figures: Figures) -> str:
    """List every figure, with what it means."""
    width = max(map(len, figures))
    lines = (
        f"{name.ljust(width)}  {value:9.2f} {MEANINGS.get(name, '')}"
        for name, value in figures.items()
    )
    return "\n".join(line.rstrip() for line in lines)


def as_json(figures: Figures, found: Sequence[Row]) -> dict[str, object]:
    """Put everything into one object."""
    return {"figures": figures, "goals": [asdict(row) for row in found]}
