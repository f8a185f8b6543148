"""Programs of the bench that are spoken to: a line in, a line of JSON out."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

from lab.controlplane.process import Process, ProcessError
from lab.stand.operator_process import environment
from lab.stand.program import SOURCES

PATHS: Final = {"PYTHONPATH": f"{SOURCES}:{SOURCES.parent / 'tests'}"}
PATIENCE_SECONDS: Final = 300.0


def spoken_to(module: str, log: Path, *arguments: str) -> Process:
    """Say how a module of the bench is run as a process of its own."""
    command = [sys.executable, "-m", f"tools.bench.{module}", *arguments]
    return Process(command, log, environment() | PATHS, is_spoken_to=True)


async def ask(process: Process, line: str) -> dict[str, Any]:
    """Say a line to a program, and return what it answers.

    Raises:
        ProcessError: It ended, or does not answer; the message has the end of its log.
    """
    try:
        process.input.write(f"{line}\n")
        process.input.flush()
    except BrokenPipeError:
        raise ended(process) from None
    return await hear(process)


async def hear(process: Process, within_seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """Return what a program says next; raises as `ask` does."""
    try:
        async with asyncio.timeout(within_seconds):
            line = await asyncio.to_thread(process.output.readline)
    except TimeoutError:
        raise ProcessError(f"{process.command[0]} is silent. {process.tail()}") from None
    if not line:
        raise ended(process)
    answer: dict[str, Any] = json.loads(line)
    return answer


def ended(process: Process) -> ProcessError:
    """Say that a program ended, with the end of its log."""
    return ProcessError(f"{process.command[0]} ended. {process.tail()}")
