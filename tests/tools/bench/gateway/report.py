"""What the figures of the gateway mean, and whether they are good enough."""

from collections.abc import Iterator, Sequence
from typing import Final

from tools.bench.figures import Figures
from tools.bench.gateway.options import CONNECTIONS, PER_CROWD
from tools.bench.tables import Row, markdown

GATEWAY: Final = "gateway"
DIRECT: Final = "direct"
MOST_CPU_MS: Final = 1.0
MOST_COUNTED_MS: Final = 1.2
COUNTED: Final = f"{GATEWAY}, "
MOST_MIB: Final = 400.0
LESS_THAN: Final = {"Haraka": 4.0, "Postfix": 2.0}
CPU: Final = " cpu_ms"
COLUMNS: Final = (
    "relay",
    "processor a message: relay",
    "provider",
    "applications",
    "loop lag p99",
    "messages a second",
    f"most logins of {CONNECTIONS} applications",
    "until the reply, added p50, p99",
    "until it arrives, added p50, p99",
    f"until it arrives, {CONNECTIONS} at once, p50, p99",
)


def comparison(figures: Figures) -> str:
    """Lay out what each relay took; what it adds is over the direct way in the same run."""
    return markdown([COLUMNS, *(tuple(_cells(figures, name)) for name in names(figures))])


def names(figures: Figures) -> list[str]:
    """Name what was measured, in its order."""
    return [name.removesuffix(CPU) for name in figures if name.endswith(CPU)]


def _cells(figures: Figures, name: str) -> Iterator[str]:
    yield name
    yield "" if name == DIRECT else _ms(figures[f"{name}{CPU}"])
    yield _ms(figures[f"{name} provider_cpu_ms"])
    yield _ms(figures[f"{name} applications_cpu_ms"])
    lag = figures.get(f"{name} lag_p99_ms")
    yield "" if lag is None else f"{lag:.0f} ms"
    yield f"{figures[f'{name} per_second']:.0f}"
    yield f"{figures[f'{name} logins']:.0f}"
    for what in ("reply", "arrival"):
        added = (_added(figures, name, f"{what}_{share}_ms") for share in ("p50", "p99"))
        yield "" if name == DIRECT else ", ".join(f"{each:.1f} ms" for each in added)
    busy = (figures[f"{name} busy_{share}_ms"] for share in ("p50", "p99"))
    yield ", ".join(f"{each:.1f} ms" for each in busy)


def _ms(value: float) -> str:
    return f"{value:.2f} ms"


def _added(figures: Figures, name: str, what: str) -> float:
    return figures[f"{name} {what}"] - figures[f"{DIRECT} {what}"]


def rows(figures: Figures, crowd: int) -> Iterator[Row]:
    """Compare the figures with the goals."""
    own = figures[f"{GATEWAY}{CPU}"]
    what, goal = "processor time of a message of 10 KB", f"at most {MOST_CPU_MS} ms"
    yield Row(what, goal, _ms(own), own, own <= MOST_CPU_MS)
    for name in (each for each in names(figures) if each.startswith(COUNTED)):
        took, goal = figures[f"{name}{CPU}"], f"at most {MOST_COUNTED_MS} ms"
        what = f"processor time, {name}"
        yield Row(what, goal, f"{_ms(took)}, {took - own:+.2f} ms", took, took <= MOST_COUNTED_MS)
    for name in (each for each in names(figures) if each.startswith(GATEWAY)):
        yield from _beside_others(figures, name)
    many = figures["crowd_cpu_ms"]
    yield Row(f"processor time of a message, {crowd} mailboxes in turn", "", _ms(many), many)
    logins = figures["crowd_logins"]
    what = f"logins for {crowd} mailboxes, {1 + PER_CROWD} messages each in turn"
    yield Row(what, f"at most {crowd}", f"{logins:.0f}", logins, logins <= crowd)
    peak = figures["crowd_peak_mib"]
    what, goal = f"peak memory, {crowd} applications and {crowd} sessions", f"{MOST_MIB:.0f} MiB"
    yield Row(what, f"at most {goal}", f"{peak:.0f} MiB", peak, peak <= MOST_MIB)


def _beside_others(figures: Figures, name: str) -> Iterator[Row]:
    """Compare with other relays in the same run: that holds on a slow machine, too."""
    which = name.removeprefix(GATEWAY)
    for other in (each for each in LESS_THAN if f"{each}{CPU}" in figures):
        ratio, times = figures[f"{other}{CPU}"] / figures[f"{name}{CPU}"], LESS_THAN[other]
        what = f"processor time{which}, times less than {other}"
        yield Row(what, f"at least {times:.0f}", f"{ratio:.1f}", ratio, ratio >= times)


def table(found: Sequence[Row]) -> str:
    """Lay the rows out."""
    return markdown([("what", "goal", "reached", ""), *(row.cells for row in found)])
