"""A program that runs in the background, writes a log, and never outlives the tests."""

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Final, Self

from lab.controlplane import tether

LOOK_EVERY: Final = timedelta(milliseconds=50)
PATIENCE: Final = timedelta(seconds=10)


class ProcessError(Exception):
    """A program ended, or did not come up in time; the message has the end of its log."""


@dataclass(slots=True)
class Process:
    """One program; `with` runs it. It may be started again after it was stopped.

    On Linux it dies together with the thread that starts it, so start it from one that stays.

    Attributes:
        command: The absolute path of the program, and its arguments.
        log: The file for its errors, and for its output unless that is read here. Each start appends.
        environ: Its whole environment; None passes on that of this process.
        is_spoken_to: Whether its input and output are pipes.
        patience: How long it may take to end when it is asked to.
    """

    command: Sequence[str]
    log: Path
    environ: Mapping[str, str] | None = field(default=None, repr=False)
    is_spoken_to: bool = False
    patience: timedelta = PATIENCE
    _started: subprocess.Popen[str] | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the program; does not wait until it is of any use."""
        pipe = subprocess.PIPE if self.is_spoken_to else None
        with self.log.open("ab") as log:
            # In a group of its own, Ctrl-C reaches the tests and not what they still need.
            self._started = subprocess.Popen(
                tied(*self.command),
                env=self.environ,
                stdin=pipe or subprocess.DEVNULL,
                stdout=pipe or log,
                stderr=log,
                text=True,
                process_group=0,
            )
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """Its process id, since it was started last."""
        return self._known.pid

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._known.poll()

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._started is not None and self._started.poll() is None

    @property
    def output(self) -> IO[str]:
        """What it says, if it is spoken to."""
        assert self._known.stdout is not None
        return self._known.stdout

    @property
    def input(self) -> IO[str]:
        """What it hears, if it is spoken to."""
        assert self._known.stdin is not None
        return self._known.stdin

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the program and wait for its end; kill it if it does not listen."""
        atexit.unregister(self.stop)
        if self._started is None:
            return
        self._started.send_signal(how)
        if not self.ends_within(self.patience):
            self._started.kill()
            self._started.wait()
        for pipe in (self._started.stdin, self._started.stdout):
            if pipe is not None:
                pipe.close()

    def signal(self, how: signal.Signals) -> None:
        """Send a signal to the program, such as SIGSTOP and later SIGCONT, if it runs."""
        if self._started is not None:
            self._started.send_signal(how)

    def wait_until(
        self, ready: Callable[[], bool], within: timedelta = timedelta(seconds=90)
    ) -> None:
        """Wait for a state of the program.

        Raises:
            ProcessError: The program ended, or the time is over.
        """
        deadline = time.monotonic() + within.total_seconds()
        while not ready():
            self.ends_within(LOOK_EVERY)
            self.check()
            if time.monotonic() > deadline:
                raise ProcessError(f"{self.command[0]} is not ready after {within}. {self.tail()}")

    def check(self) -> None:
        """Make sure that the program runs.

        Raises:
            ProcessError: It ended, or was never started.
        """
        if not self.is_running:
            raise ProcessError(f"{self.command[0]} ended. {self.tail()}")

    def ends_within(self, within: timedelta) -> bool:
        """Give the program some time to end by itself, and tell whether it ended in it."""
        try:
            self._known.wait(within.total_seconds())
        except subprocess.TimeoutExpired:
            return False
        return True

    def tail(self) -> str:
        """Quote the end of the log, where the reason is."""
        lines = self.log.read_text(errors="replace").splitlines()[-25:]
        return "\n".join([f"The end of {self.log}:", *lines])

    @property
    def _known(self) -> subprocess.Popen[str]:
        assert self._started is not None, "it was never started"
        return self._started


def tied(*command: str) -> list[str]:
    """Have a program die with this process, whatever becomes of it.

    Args:
        command: The absolute path of the program, and its arguments.
    """
    return [sys.executable, "-I", tether.__file__, str(os.getpid()), *command]
