"""The processor time of a program is that of all it has started."""

import sys
from pathlib import Path
from typing import Final

from lab.controlplane.process import Process
from tools.bench.usage import tree_cpu_seconds, usage

WORK: Final = "import time\nwhile time.process_time() < 0.3: pass\n"
STAY: Final = "import sys\nsys.stdin.read()\n"


def parent(child: str, how: str) -> list[str]:
    """Write a program that starts another one, and stays."""
    start = f"import subprocess, sys\nsubprocess.{how}([sys.executable, '-c', {child!r}])\n"
    return [sys.executable, "-c", f"{start}print(1, flush=True)\n{STAY}"]


def test_a_child_that_ended_counts(tmp_path: Path) -> None:
    with Process(parent(WORK, "run"), tmp_path / "log", is_spoken_to=True) as process:
        process.output.readline()

        took, own = tree_cpu_seconds(process.pid), usage(process.pid).cpu_seconds

    assert took - own >= 0.25


def test_a_child_that_runs_counts(tmp_path: Path) -> None:
    command = parent(WORK + STAY, "Popen")

    with Process(command, tmp_path / "log", is_spoken_to=True) as process:
        process.wait_until(lambda: tree_cpu_seconds(process.pid) >= 0.25)

        own = usage(process.pid).cpu_seconds

    assert own < 0.25
