"""What a process has used, from Linux' /proc."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
MIB: Final = 1024.0


@dataclass(frozen=True, slots=True)
class Usage:
    """One process at one moment.

    Attributes:
        cpu_seconds: User and system together, since its start.
        resident_mib: Memory now.
        peak_mib: The most it ever had (VmHWM).
    """

    cpu_seconds: float
    resident_mib: float
    peak_mib: float


def usage(pid: int) -> Usage:
    """Read what a process has used."""
    folder = Path("/proc") / str(pid)
    # The name, in parentheses, may hold blanks; utime and stime are fields 14 and 15 of proc(5).
    times = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    lines = (folder / "status").read_text().splitlines()
    sizes = dict(line.split(":", 1) for line in lines)
    resident, peak = (float(sizes[name].split()[0]) / MIB for name in ("VmRSS", "VmHWM"))
    return Usage(sum(map(int, times)) / TICKS, resident, peak)


def tree_cpu_seconds(pid: int) -> float:
    """Return what a process and all its descendants have used, those that ended included."""
    spent, parents = dict[int, int](), dict[int, int]()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        # Fields 4 and 14 to 17 of proc(5): the parent, own time, and that of children that ended.
        parents[int(folder.name)] = int(fields[1])
        spent[int(folder.name)] = sum(map(int, fields[11:15]))
    return sum(spent[each] for each in spent if pid in _ancestry(each, parents)) / TICKS


def _ancestry(pid: int, parents: dict[int, int]) -> list[int]:
    line = [pid]
    while (parent := parents.get(line[-1], 0)) > 0:
        line.append(parent)
    return line
