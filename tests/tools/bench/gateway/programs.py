"""Builds the programs in Go, which cost little beside what they measure."""

import hashlib
import os
import platform
import subprocess
from pathlib import Path
from typing import Final

from lab.controlplane.build import BuildError, find_go, go_settings, only_run

SOURCES: Final = Path(__file__).with_name("go")


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
