"""npm packages of the tests, installed outside the tree by their lock, which has the hashes."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lab.controlplane.build import only_run

LOCK: Final = ("package.json", "package-lock.json", ".npmrc")
MISSING: Final = "Node.js 20 or newer and npm are needed: apt-get install -y nodejs npm"


def installed(name: str, folder: Path, programs: Iterable[Path]) -> Path:
    """Install packages once for each version of them; return where.

    Args:
        name: For people who look into the cache.
        folder: Has the lock.
        programs: Files that import the packages; they are copied beside them.

    Raises:
        RuntimeError: npm is missing, or failed; with the end of what it said.
    """
    files = (*(folder / each for each in LOCK), *programs)
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = caches / "mailbox-operator" / name / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    with only_run(place.parent, name):
        if not place.exists():
            _install(name, files, place)
    return place


def _install(name: str, files: Iterable[Path], place: Path) -> None:
    draft = place.with_name(f"{place.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for each in files:
        shutil.copy(each, draft)
    print(f"installing {name} by npm (a few seconds, once)", file=sys.stderr)
    command = [program("npm"), "ci"]
    done = subprocess.run(command, cwd=draft, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"npm cannot install {name}:\n{done.stderr[-2000:]}")
    draft.rename(place)


def program(name: str) -> str:
    """Find Node.js or npm.

    Raises:
        RuntimeError: It is missing.
    """
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(MISSING)
    return found
