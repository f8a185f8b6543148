"""Reads the workflows of .github, as the tests about them need them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[3]
FOLDER: Final = ROOT / ".github" / "workflows"
FILES: Final = sorted(FOLDER.glob("*.yaml"))


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a workflow."""

    workflow: str
    name: str
    content: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.workflow}-{self.name}"

    @property
    def steps(self) -> list[Mapping[str, Any]]:
        """Return its steps; a job that is another workflow has none."""
        return list(self.content.get("steps", []))

    @property
    def runs(self) -> str:
        """Return all that it runs in a shell."""
        return "\n".join(step["run"] for step in self.steps if "run" in step)


def read(name: str) -> dict[str, Any]:
    """Read a workflow."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return found


def jobs() -> Iterator[Job]:
    """List the jobs of all workflows."""
    for file in FILES:
        for name, content in read(file.stem)["jobs"].items():
            yield Job(file.stem, name, content)
