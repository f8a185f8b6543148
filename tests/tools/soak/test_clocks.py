"""A clock is stepped for one process, while it runs, and its monotonic clock goes on."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.soak.clocks import Clock

ASK = "import sys, time\nfor _ in sys.stdin: print(time.time(), time.monotonic(), flush=True)"
HOUR = 3600


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_wall_clock_is_stepped_while_a_process_runs(tmp_path: Path) -> None:
    clock = Clock.of(tmp_path, "first")
    environ = {**os.environ, **clock.variables}
    with subprocess.Popen(
        [sys.executable, "-c", ASK],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:

        def told(seconds: int) -> list[float]:
            clock.step(seconds)
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            wall, monotonic = map(float, process.stdout.readline().split())
            return [wall - time.time(), monotonic - time.monotonic()]

        steps = [told(seconds) for seconds in (0, HOUR, -HOUR, 0)]

    assert [round(wall / HOUR) for wall, _ in steps] == [0, 1, -1, 0]
    assert [round(monotonic / HOUR) for _, monotonic in steps] == [0, 0, 0, 0]
