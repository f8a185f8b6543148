"""Runs a program that dies with the process that asked for it, even when that one is killed.

Started as a script of its own, because code between fork and exec is not safe beside threads:
`python tether.py PARENT_PID PROGRAM ARGUMENT...`. The program takes over the process and its id.
"""

import ctypes
import os
import signal
import sys
from typing import Final

SET_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG; it survives exec


def main(parent: int, command: list[str]) -> None:
    """Tie this process to its parent, then become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent died first")
    os.execv(command[0], command)  # noqa: S606 - the caller names the program, no shell


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
