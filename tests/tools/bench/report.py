"""What the figures of the operator mean, and whether they are good enough."""

from collections.abc import Iterator, Sequence
from typing import Final

from tools.bench.figures import Figures
from tools.bench.meanings import meaning
from tools.bench.rendering import TENANTS_MAILBOXES
from tools.bench.tables import Row, markdown

HEAD: Final = ("what", "goal", "reached", "")
COLUMNS: Final = (
    *HEAD,
    "seconds",
    "processor: operator",
    "API server, etcd",
    "mail server",
    "bare loop",
    "loop lag p99",
)
NOTHING: Final = ("",) * (len(COLUMNS) - len(HEAD))
SITUATIONS: Final = (("", "", 1), ("contended_", ", two burning processes beside", 3))
"""What names of figures begin with, how it is described, and the seconds that a wait may take."""


def rows(figures: Figures, size: int) -> Iterator[Row]:
    """Compare the figures with the goals."""
    yield from _checks(figures, size)
    yield from _all_new(figures, size)
    yield from _waits(figures)
    yield from _replicas(figures)
    yield from _memory(figures, size)
    yield from _restart(figures)
    yield from _calm(figures)


def _checks(figures: Figures, size: int) -> Iterator[Row]:
    """Say what a check costs, against a login by the bare loop in the same minute."""
    for prefix, where, _ in SITUATIONS:
        for name, when in (("refresh", "right after a round"), ("refresh_again", "once more")):
            phase = f"{prefix}{name}"
            if f"{phase}_seconds" not in figures:
                continue
            what = f"{size:,} checks due at once, {when}{where}, against bare logins"
            own = figures[f"{phase}_operator_cpu_seconds"] / figures[f"{phase}_checks"]
            cost = own / (figures[f"{phase}_bare_cpu_seconds"] / size)
            time = figures[f"{phase}_seconds"] / figures[f"{phase}_bare_seconds"]
            beside = _beside(figures, phase, f"{phase}_bare_cpu_seconds")
            yield _times(f"{what}: processor time", cost, None if prefix else 1.3, beside)
            yield _times(f"{what}: time", time, None if prefix else 1.5, NOTHING)


def _times(what: str, ratio: float, most: float | None, beside: Sequence[str]) -> Row:
    reached = f"{ratio:.2f} times"
    if most is None:
        return Row(what, "", reached, ratio, beside=beside)
    return Row(what, f"at most {most} times", reached, ratio, ratio <= most, beside)


def _all_new(figures: Figures, size: int) -> Iterator[Row]:
    ratio = figures["first_seconds"] / figures["bare_seconds_with_requests"]
    what = f"{size:,} new, against bare logins with the same requests to the API server: time"
    beside = _beside(figures, "first", "bare_cpu_seconds_with_requests")
    yield _times(what, ratio, 1.5, beside)


def _waits(figures: Figures) -> Iterator[Row]:
    """Say how long a person waits while all others are due, the worst of all runs beside."""
    for prefix, where, most in SITUATIONS:
        for name, what in (("newcomers", "new"), ("edits", "edited")):
            runs = list(_runs(figures, f"{prefix}{name}"))
            if not runs:
                continue
            p99 = [figures[f"{phase}_p99_seconds"] for phase in runs]
            p50 = [figures[f"{phase}_p50_seconds"] for phase in runs]
            text = f"a Mailbox is {what} while all others are due{where}: connected after"
            reached = f"p99 {_listed(p99)} s, p50 {_listed(p50)} s"
            worst = max(p99)
            beside = _beside(figures, runs[p99.index(worst)])
            yield Row(text, f"p99 at most {most} s", reached, worst, worst <= most, beside)


def _runs(figures: Figures, name: str) -> Iterator[str]:
    """Name the runs of a phase: 1, 2 and so on, as many as there are."""
    number = 1
    while f"{name}_{number}_p99_seconds" in figures:
        yield f"{name}_{number}"
        number += 1


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{each:.2f}" for each in values)


def _replicas(figures: Figures) -> Iterator[Row]:
    """Say how many checks a second several operator processes make, and what each of them took."""
    ending = "_checks_per_second"
    for name, value in figures.items():
        if name.endswith(ending):
            phase = name.removesuffix(ending)
            what = f"checks a second, replicas: {phase.removeprefix('replicas_')}"
            yield Row(what, "", f"{value:.0f}", value, beside=_beside(figures, phase))


def _memory(figures: Figures, size: int) -> Iterator[Row]:
    peak = max(value for key, value in figures.items() if key.endswith("peak_mib"))
    what = f"peak memory with {size:,} Mailboxes, scrapes included"
    yield Row(what, "at most 150 MiB", f"{peak:.0f} MiB", peak, peak <= 150, NOTHING)


def _restart(figures: Figures) -> Iterator[Row]:
    """Judge the restart after a kill."""
    took, writes = figures["restart_seconds"], figures["restart_writes"]
    what, beside = "killed, started again: leads and knows all after", _beside(figures, "restart")
    yield Row(what, "at most 30 s", f"{took:.1f} s", took, took <= 30, beside)
    yield Row("writes to the API after that", "0", f"{writes:.0f}", writes, writes == 0, NOTHING)


def _calm(figures: Figures) -> Iterator[Row]:
    idle, scrape = figures["idle_percent"], figures["scrape_seconds_idle"]
    what, beside = "processor while nothing is due", _beside(figures, "idle")
    yield Row(what, "under 5 %", f"{idle:.1f} %", idle, idle < 5, beside)
    what = "a scrape of all series"
    yield Row(what, "under 1 s", f"{scrape:.2f} s", scrape, scrape < 1, _beside(figures, "scrape"))
    stall = figures["scrape_stall_seconds_idle"]
    what = "what a scrape keeps the event loop from anything else"
    yield Row(what, "at most 0.05 s", f"{stall:.3f} s", stall, stall <= 0.05, NOTHING)
    render = figures["tenant_render_seconds"]
    what = f"a tenant of {TENANTS_MAILBOXES} mailboxes rendered by Helm"
    yield Row(what, "at most 5 s", f"{render:.2f} s", render, render <= 5, NOTHING)


def _beside(figures: Figures, phase: str, bare: str = "") -> Sequence[str]:
    """Say what a phase took: time, processor time of each process, and the operator's lateness."""
    operators = [
        value
        for name, value in figures.items()
        if name.startswith(f"{phase}_operator") and name.endswith("_cpu_seconds")
    ]
    servers = [f"{phase}_{each}_cpu_seconds" for each in ("api_server", "etcd")]
    stored = [figures[name] for name in servers if name in figures]
    lag = figures.get(f"{phase}_lag_p99_seconds")
    return (
        _seconds(figures.get(f"{phase}_seconds")),
        " + ".join(map(_seconds, operators)),
        _seconds(sum(stored) if stored else None),
        _seconds(figures.get(f"{phase}_mail_server_cpu_seconds")),
        _seconds(figures.get(bare)),
        "" if lag is None else f"{1000 * lag:.0f} ms",
    )


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"


def table(found: Sequence[Row]) -> str:
    """Lay the rows out."""
    return markdown([COLUMNS, *(row.cells for row in found)])


def details(figures: Figures) -> str:
    """List every figure, with what it means."""
    width = max(map(len, figures))
    lines = (
        f"{name.ljust(width)}  {value:9.2f} {meaning(name)}" for name, value in figures.items()
    )
    return "\n".join(line.rstrip() for line in lines)
