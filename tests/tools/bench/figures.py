"""Figures of a phase: what it took of each process, and how late the operator's loop was."""

import time
from collections.abc import Mapping, Sequence

from lab.controlplane.process import Process
from tools.bench.loop_lag import Lag
from tools.bench.usage import usage

Figures = dict[str, float]
Cpu = Mapping[str, float]
"""Seconds of processor time since its start, by the name of the process."""


def cpu_of(processes: Mapping[str, Process]) -> Cpu:
    """Read what processes have used so far, and the bench itself, which watches.

    Raises:
        ProcessError: One ended; the message has the end of its log.
    """
    for process in processes.values():
        process.check()
    found = {name: usage(process.pid).cpu_seconds for name, process in processes.items()}
    return found | {"bench": time.process_time()}


def spent(phase: str, before: Cpu, after: Cpu) -> Figures:
    """Tell what each process used in a phase; one that was not there before began with it."""
    return {
        f"{phase}_{name}_cpu_seconds": seconds - before.get(name, 0.0)
        for name, seconds in after.items()
    }


def lateness(phase: str, lag: Lag) -> Figures:
    """Tell how late the event loop was in a phase."""
    return {
        f"{phase}_lag_p50_seconds": lag.quantile(0.5),
        f"{phase}_lag_p99_seconds": lag.quantile(0.99),
        f"{phase}_lag_most_seconds": lag.quantile(1.0),
    }


def waits(phase: str, seconds: Sequence[float]) -> Figures:
    """Tell how long a hundred or so had to wait."""
    ordered = sorted(seconds)
    return {
        f"{phase}_p50_seconds": ordered[len(ordered) // 2],
        f"{phase}_p99_seconds": ordered[max(0, len(ordered) * 99 // 100 - 1)],
        f"{phase}_most_seconds": ordered[-1],
    }
