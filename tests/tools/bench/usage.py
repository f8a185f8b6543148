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
