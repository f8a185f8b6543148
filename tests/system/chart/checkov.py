"""checkov, a linter of policies, in a virtual environment of its own: its pins clash with ours."""

import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from lab.controlplane.build import BuildError, only_run, say

LOCK: Final = Path(__file__).parents[3] / ".lock" / "checkov.txt"
READY: Final = "ready"
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
class Checkov:
    """checkov, as one environment has it.

    Attributes:
        folder: Where its virtual environment is; the name changes with what is in it.
    """

    folder: Path

    @classmethod
    def of(cls, environ: Mapping[str, str], lock: Path = LOCK) -> Self:
        """Name its place in the cache, `${XDG_CACHE_HOME:-~/.cache}/mailbox-operator/tools/`."""
        home = Path(environ.get("HOME") or Path.home())
        caches = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
        seen = hashlib.sha256(f"{sys.base_prefix} {sys.version}".encode() + lock.read_bytes())
        return cls(caches / "mailbox-operator" / "tools" / seen.hexdigest()[:16])

    @property
    def python(self) -> Path:
        """Name the Python of its environment."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def is_installed(self) -> bool:
        """Tell whether it is there, all of it."""
        return (self.folder / READY).exists()

    def install(self, lock: Path = LOCK) -> None:
        """Install it unless it is there by now.

        Raises:
            BuildError: It cannot be installed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with only_run(self.folder, "checkov"):
            if not self.is_installed:
                say(f"installing checkov into {self.folder} (first run only, about a minute)")
                venv.create(self.python.parents[1], clear=True, with_pip=True)
                self.pip("install", "--require-hashes", f"--requirement={lock}")
                (self.folder / READY).touch()

    def pip(self, *arguments: str) -> None:
        """Run its pip."""
        pip = [str(self.python), "-I", "-m", "pip", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"checkov cannot be installed:\n{done.stderr.strip()}")

    def findings(self, framework: str, file: Path) -> list[Finding]:
        """Hold a file against the policies for what it is, such as `kubernetes`; offline.

        The file lies alone in its folder, and neither settings nor accounts of the user are read.
        """
        command = [str(self.python), "-m", "checkov.main", *QUIET, f"--framework={framework}"]
        done = subprocess.run(
            [*command, f"--file={file}"],
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
