"""A program that runs in the background, writes a log, and never outlives the tests."""

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from lab.controlplane import tether

LOOK_EVERY: Final = timedelta(milliseconds=50)
PATIENCE: Final = timedelta(seconds=10)


class ProcessError(Exception):
    """A program ended, or did not come up in time; the message has the end of its log."""


@dataclass(slots=True)
class Process:
    """One program; it may be started again after it was stopped.

    On Linux it dies together with the thread that starts it, so start it from one that stays.

    Attributes:
        command: The absolute path of the program, and its arguments.
        log: The file for its output. A second start appends.
    """

    command: Sequence[str]
    log: Path
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Start the program; does not wait until it is of any use."""
        tied = [sys.executable, "-I", tether.__file__, str(os.getpid()), *self.command]
        with self.log.open("ab") as log:
            # In a group of its own, Ctrl-C reaches the tests and not what they still need.
            self._running = subprocess.Popen(
                tied, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
            )
        atexit.register(self.stop)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the program and wait for its end; kill it if it does not listen."""
        atexit.unregister(self.stop)
        if self._running is None:
            return
        self._running.send_signal(how)
        try:
            self._running.wait(PATIENCE.total_seconds())
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        self._running = None

    def signal(self, how: signal.Signals) -> None:
        """Send a signal to the program, such as SIGSTOP and later SIGCONT, if it runs."""
        if self._running is not None:
            self._running.send_signal(how)

    def wait_until(
        self, ready: Callable[[], bool], within: timedelta = timedelta(seconds=90)
    ) -> None:
        """Wait for a state of the program.

        Raises:
            ProcessError: The program ended, or the time is over.
        """
        deadline = time.monotonic() + within.total_seconds()
        while not ready():
            if self._ends():
                raise ProcessError(f"{self.command[0]} ended.{self._last_words()}")
            if time.monotonic() > deadline:
                raise ProcessError(
                    f"{self.command[0]} is not ready after {within}.{self._last_words()}"
                )

    def _ends(self) -> bool:
        """Give the program a moment, and tell whether it ended in it."""
        if self._running is None:
            return True
        try:
            self._running.wait(LOOK_EVERY.total_seconds())
        except subprocess.TimeoutExpired:
            return False
        return True

    def _last_words(self) -> str:
        """Quote the end of the log, where the reason is."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        return "\n".join([f" The end of {self.log}:", *lines])
