"""checkov, a linter of policies, in a virtual environment of its own: its pins clash with ours."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lab.locked import LOCKS, Locked

LOCK: Final = LOCKS / "checkov.txt"
QUIET: Final = ("--quiet", "--compact", "--skip-download", "--output=json")


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that an object does not pass."""

    check: str
    name: str
    resource: str

    def __str__(self) -> str:
        return f"{self.check} {self.resource}: {self.name}"

    @property
    def exception(self) -> str:
        """Name what would have to be accepted: the check, for this kind of object."""
        return f"{self.check} {self.resource.partition('.')[0]}"


@dataclass(frozen=True, slots=True)
class Checkov(Locked):
    """checkov, as one environment has it."""

    def findings(self, framework: str, file: Path) -> list[Finding]:
        """Hold a file against the policies for what it is, such as `kubernetes`; offline.

        The file lies alone in its folder, and neither settings nor accounts of the user are read.
        """
        command = [str(self.programs / "python"), "-m", "checkov.main", *QUIET]
        done = subprocess.run(
            [*command, f"--framework={framework}", f"--file={file}"],
            cwd=file.parent,
            env={"HOME": str(file.parent), "PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stderr
        return sorted(failed(json.loads(done.stdout)), key=str)


def failed(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Read a report; where there was nothing to look at, it is a summary alone."""
    summary = report.get("summary", report)
    assert summary["parsing_errors"] == 0, report
    for found in report.get("results", {}).get("failed_checks", ()):
        yield Finding(found["check_id"], found["check_name"], found["resource"])
