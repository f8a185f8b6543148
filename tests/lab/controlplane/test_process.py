import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from lab.controlplane import process
from lab.controlplane.process import Process, ProcessError

# Takes a lock, says so, and would keep it for ever.
HOLDER = """
import fcntl, signal, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("locked", flush=True)
signal.pause()
"""

# Starts the holder, and is killed before it can stop anything.
PARENT = """
import os, pathlib, signal, sys
from lab.controlplane.process import Process
log = pathlib.Path(sys.argv[1])
holder = Process([sys.executable, "-c", *sys.argv[2:]], log)
holder.start()
holder.wait_until(lambda: "locked" in log.read_text())
os.kill(os.getpid(), signal.SIGKILL)
"""


def is_locked(path: Path) -> bool:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_program_is_there_until_it_is_stopped(tmp_path: Path) -> None:
    lock, log = tmp_path / "lock", tmp_path / "log"
    holder = Process([sys.executable, "-c", HOLDER, str(lock)], log)

    holder.start()
    holder.wait_until(lambda: "locked" in log.read_text())
    held = is_locked(lock)
    holder.stop()

    assert (held, is_locked(lock)) == (True, False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of the death")
def test_a_program_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    lock, log = tmp_path / "lock", tmp_path / "log"
    root = str(Path(process.__file__).parents[2])

    parent = subprocess.run(
        [sys.executable, "-c", PARENT, str(log), HOLDER, str(lock)],
        env={"PYTHONPATH": root},
        check=False,
    )

    assert parent.returncode == -9
    assert log.read_text() == "locked\n"
    with lock.open("w") as freed:
        fcntl.flock(freed, fcntl.LOCK_EX)  # blocks for as long as the program lives


def test_a_program_that_ends_too_early_is_quoted(tmp_path: Path) -> None:
    broken = Process([sys.executable, "-c", "exit('no such flag')"], tmp_path / "log")

    broken.start()

    with pytest.raises(ProcessError, match=r"ended.*\n.*no such flag"):
        broken.wait_until(lambda: False)
    broken.stop()
