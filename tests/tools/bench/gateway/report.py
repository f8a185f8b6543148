"""What the figures of the gateway mean, and whether they are good enough."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tools.bench.gateway.options import CONNECTIONS
from tools.bench.gateway.rounds import PER_CROWD, Figures
from tools.bench.report import Row, laid_out

GATEWAY: Final = "gateway"
DIRECT: Final = "direct"
MOST_CPU_MS: Final = 1.0
MOST_MIB: Final = 400.0
LESS_THAN: Final[Mapping[str, float]] = {"Haraka": 4.0, "Postfix": 2.0}
COLUMNS: Final = (
    "RELAY",
    "CPU MS A MESSAGE",
    "MESSAGES A SECOND",
    f"MOST LOGINS OF {CONNECTIONS} APPLICATIONS",
    "UNTIL THE REPLY, ADDED P50, P99",
    "UNTIL IT ARRIVES, ADDED P50, P99",
    f"UNTIL IT ARRIVES, {CONNECTIONS} AT ONCE, P50, P99",
)


def comparison(figures: Figures, names: Sequence[str]) -> str:
    """Lay out what each relay took; what it adds is over the direct way in the same run."""
    return laid_out([COLUMNS, *(tuple(_cells(figures, name)) for name in names)])


def _cells(figures: Figures, name: str) -> Iterator[str]:
    yield name
    yield "" if name == DIRECT else f"{figures[f'{name} cpu_ms']:.2f}"
    yield f"{figures[f'{name} per_second']:.0f}"
    yield f"{figures[f'{name} logins']:.0f}"
    for what in ("reply", "arrival"):
        added = (_added(figures, name, f"{what}_{share}_ms") for share in ("p50", "p99"))
        yield "" if name == DIRECT else ", ".join(f"{each:.1f} ms" for each in added)
    busy = (figures[f"{name} busy_{share}_ms"] for share in ("p50", "p99"))
    yield ", ".join(f"{each:.1f} ms" for each in busy)


def _added(figures: Figures, name: str, what: str) -> float:
    return figures[f"{name} {what}"] - figures[f"{DIRECT} {what}"]


def rows(figures: Figures, crowd: int) -> Iterator[Row]:
    """Compare the figures with the goals."""
    own = figures[f"{GATEWAY} cpu_ms"]
    what, goal = "processor time of a message of 10 KB", f"at most {MOST_CPU_MS} ms"
    yield Row(what, goal, f"{own:.2f} ms", own <= MOST_CPU_MS)
    for name, times in LESS_THAN.items():
        if f"{name} cpu_ms" in figures:
            ratio = figures[f"{name} cpu_ms"] / own
            what, goal = f"processor time, times less than {name}", f"at least {times:.0f}"
            yield Row(what, goal, f"{ratio:.1f}", ratio >= times)
    logins = figures["crowd_logins"]
    what = f"logins for {crowd} mailboxes, {1 + PER_CROWD} messages each in turn"
    yield Row(what, f"at most {crowd}", f"{logins:.0f}", logins <= crowd)
    peak = figures["crowd_peak_mib"]
    what, goal = f"peak memory, {crowd} applications and {crowd} sessions", f"{MOST_MIB:.0f} MiB"
    yield Row(what, f"at most {goal}", f"{peak:.0f} MiB", peak <= MOST_MIB)


def crowded(figures: Figures, crowd: int) -> str:
    """Say what a message takes with many connections open."""
    return f"With {crowd} mailboxes in turn: {figures['crowd_cpu_ms']:.2f} ms a message."
