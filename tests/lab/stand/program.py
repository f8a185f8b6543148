"""Which of the operator's programs is started: that of the working copy, or one of the image."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from lab.controlplane.build import BuildError, only_run, say

ROOT: Final = Path(__file__).parents[3]
LOCK: Final = ROOT / ".lock" / "run.txt"
SOURCES: Final = ROOT / "operator"
PACKAGE: Final = SOURCES / "mailbox_operator"
STEPS: Final = ROOT / "tests" / "tools" / "image"
VARIABLE: Final = "OPERATOR_TREE"


@dataclass(frozen=True, slots=True)
class Program:
    """An interpreter with the packages that the operator needs, and where the operator is.

    Attributes:
        python: The interpreter.
        sources: For PYTHONPATH.
    """

    python: Path
    sources: Path

    @classmethod
    def chosen(cls, environ: Mapping[str, str]) -> Self:
        """Take the tree that OPERATOR_TREE names, as the image has one; else the working copy."""
        named = environ.get(VARIABLE)
        return cls.of_tree(Path(named)) if named else cls(Path(sys.executable), SOURCES)

    @classmethod
    def of_tree(cls, tree: Path) -> Self:
        """Take the program of the folder that the image adds to its base."""
        return cls(tree / "bin" / "python", tree / "app")


def packages(environ: Mapping[str, str]) -> Path:
    """Find the packages of the image in the cache; install and prune them if they are not there.

    Raises:
        BuildError: They cannot be installed, or the table of what goes is out of date.
    """
    home = Path(environ.get("HOME") or Path.home())
    caches = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    place = caches / "mailbox-operator" / "image" / digest()
    place.parent.mkdir(parents=True, exist_ok=True)
    with only_run(place.parent, "the packages of the image"):
        if not place.exists():
            say(f"installing the packages of the image into {place}")
            draft = place.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            python = Path(sys.executable).resolve()
            step("install", draft, "--lock", LOCK, "--python", python)
            draft.rename(place)
    return place


def tree(place: Path, environ: Mapping[str, str]) -> str:
    """Make the folder that the image adds to its base, as its Dockerfile does.

    Args:
        place: The folder; it is made.
        environ: The environment that says where caches are.

    Returns:
        What it weighs, in words.

    Raises:
        BuildError: It weighs too much, or cannot be made.
    """
    shutil.copytree(packages(environ), place, symlinks=True)
    return step("add", place, "--package", PACKAGE)


def step(*arguments: str | Path) -> str:
    """Run a step of the Dockerfile; return what it says.

    Raises:
        BuildError: It fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tools.image", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"the image's packages cannot be made:\n{done.stdout}{done.stderr}")
    return done.stdout


def digest() -> str:
    """Sum up what shapes the packages: their lock, the steps, and this Python."""
    seen = hashlib.sha256(f"{sys.base_prefix} {sys.version}".encode() + LOCK.read_bytes())
    for each in ("__main__", "tree", "pruning", "unused"):
        seen.update((STEPS / f"{each}.py").read_bytes())
    return seen.hexdigest()[:16]
