"""Builds and speaks to the programs in Go, which cost little beside what they measure."""

import asyncio
import hashlib
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any, Final

from lab.controlplane.build import BuildError, find_go, go_settings, only_run
from lab.controlplane.process import Process, ProcessError

SOURCES: Final = Path(__file__).with_name("go")
PATIENCE_SECONDS: Final = 300.0


def built(name: str) -> Path:
    """Find a program in the cache; build it if it is not there.

    Raises:
        BuildError: Go is missing, too old, or failed.
    """
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "mailbox-operator" / "bench-gateway" / _digest()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    with only_run(folder, name):
        if not target.exists():
            _build(name, target)
    return target


def _digest() -> str:
    seen = hashlib.sha256(f"{platform.system()} {platform.machine()}".encode())
    for file in sorted(each for each in SOURCES.rglob("*") if each.is_file()):
        seen.update(file.read_bytes())
    return seen.hexdigest()[:16]


def _build(name: str, target: Path) -> None:
    draft = target.with_suffix(".draft")
    settings = go_settings(os.environ)
    go = find_go(SOURCES, settings)
    done = subprocess.run(
        [go, "build", "-o", draft, f"./{name}"],
        cwd=SOURCES,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"go build of the bench's {name} failed:\n{done.stderr}")
    draft.replace(target)


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


async def hear(process: Process) -> dict[str, Any]:
    """Return what a program says next; raises as `ask` does."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
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
