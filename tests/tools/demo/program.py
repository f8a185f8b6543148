"""A program that runs beside the demo and never outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Self

from lab.controlplane import tether

OPERATOR: Final = Path(__file__).parents[3] / "operator"
STOPS_WITHIN_SECONDS: Final = 20
LOOK_EVERY_SECONDS: Final = 0.05


class ProgramError(Exception):
    """A program ended, or did not come up in time; the message has the end of its log."""


@dataclass(slots=True)
class Program:
    """One running program; `with` ends it.

    Attributes:
        log: The file with what it wrote.
    """

    log: Path
    process: subprocess.Popen[str] = field(repr=False)

    @classmethod
    def start(
        cls,
        command: Sequence[str],
        log: Path,
        environ: Mapping[str, str] | None = None,
        *,
        spoken_to: bool = False,
    ) -> Self:
        """Start a program.

        Args:
            command: Its absolute path and arguments.
            log: The file for its errors, and for its output unless that is read here.
            environ: What it needs in its environment beside ours.
            spoken_to: Whether its input and output are pipes.
        """
        tied = [sys.executable, "-I", tether.__file__, str(os.getpid()), *command]
        pipe = subprocess.PIPE if spoken_to else None
        with log.open("ab") as written:
            # In a group of its own, Ctrl-C reaches the demo and not what it still needs.
            process = subprocess.Popen(
                tied,
                env={**os.environ, **(environ or {})},
                stdin=pipe or subprocess.DEVNULL,
                stdout=pipe or written,
                stderr=written,
                text=True,
                process_group=0,
            )
        return cls(log, process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def output(self) -> IO[str]:
        """What it says, if it is spoken to."""
        assert self.process.stdout is not None
        return self.process.stdout

    @property
    def input(self) -> IO[str]:
        """What it hears, if it is spoken to."""
        assert self.process.stdin is not None
        return self.process.stdin

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for a state of the program.

        Raises:
            ProgramError: It ended, or the time is over.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ProgramError(f"It is not ready after {seconds:.0f} s.\n{self.tail()}")
            self._ends_within(LOOK_EVERY_SECONDS)

    def check(self) -> None:
        """Make sure that it runs.

        Raises:
            ProgramError: It ended.
        """
        if self.process.poll() is not None:
            raise ProgramError(f"It ended with {self.process.returncode}.\n{self.tail()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it, with SIGKILL if it does not listen; return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        if not self._ends_within(STOPS_WITHIN_SECONDS):
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        return self.process.wait()

    def tail(self) -> str:
        """Quote the end of the log."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        return "\n".join([f"The end of {self.log}:", *lines])

    def _ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def start_operator(
    kubeconfig: Path,
    configuration: Path,
    log: Path,
    interpreter: Sequence[str] = (),
    before: Sequence[str] = (),
) -> Program:
    """Start the operator.

    Args:
        kubeconfig: Who it is in the cluster.
        configuration: Its configuration file.
        log: Where it writes.
        interpreter: Arguments for Python, such as those of a profiler.
        before: A command that runs the command behind it.
    """
    command = [*before, sys.executable, *interpreter, "-m", "mailbox_operator", "run"]
    environ = {"KUBECONFIG": str(kubeconfig), "PYTHONPATH": str(OPERATOR)}
    return Program.start([*command, "--config", str(configuration)], log, environ)
