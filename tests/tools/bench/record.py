"""The figures of a run, kept with the commit that was measured."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from tools.bench.figures import Figures

ROOT: Final = Path(__file__).parents[3]
KEPT: Final = ROOT / "docs" / "bench.json"
"""The run that the tables of the pages are made of."""
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Record:
    """One run of one bench.

    Attributes:
        commit: Of the tree; a `+` says that the tree held changes.
        date: Of the run, in UTC.
        load: Of the machine before, over a minute.
        sizes: How much was measured, by the names of the options.
    """

    commit: str
    date: str
    cores: int
    python: str
    load: float
    sizes: Mapping[str, int]
    figures: Figures

    @classmethod
    def begin(cls, sizes: Mapping[str, int]) -> Self:
        """Note what is measured from now on: this tree, on this machine."""
        today, cores = datetime.now(UTC).date().isoformat(), os.cpu_count() or 1
        python, load = platform.python_version(), os.getloadavg()[0]
        return cls(commit(ROOT), today, cores, python, load, sizes, {})

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} {value:,}" for name, value in self.sizes.items())
        return (
            f"Commit `{self.commit}`, {self.date}, {self.cores} cores, Python {self.python},"
            f" load {self.load:.1f} before; {sizes}."
        )


def commit(tree: Path) -> str:
    """Name the commit of a tree."""
    head = _git(tree, "rev-parse", "--short=12", "HEAD")
    changed = _git(tree, "status", "--porcelain", "--untracked-files=no")
    return f"{head}+" if head and changed else head or UNKNOWN


def _git(tree: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", tree, *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def save(path: Path, part: str, record: Record) -> None:
    """Keep the run of one bench in a file; what the file has of the other one stays."""
    known = {name: asdict(each) for name, each in load(path).items()} if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known | {part: asdict(record)}, indent=2) + "\n")


def load(path: Path) -> Mapping[str, Record]:
    """Read the runs in a file, by the names of the benches."""
    return {name: Record(**each) for name, each in json.loads(path.read_text()).items()}
