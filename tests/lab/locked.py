"""Python tools in virtual environments of their own: their pins clash with ours."""

import hashlib
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from lab.controlplane.build import BuildError, only_run, say

LOCKS: Final = Path(__file__).parents[2] / ".lock"
READY: Final = "ready"


@dataclass(frozen=True, slots=True)
class Locked:
    """The tools of one lock, as one environment has them.

    Attributes:
        folder: Where their virtual environment is; the name changes with what is in it.
        lock: The packages, with hashes.
    """

    folder: Path
    lock: Path

    @classmethod
    def of(cls, environ: Mapping[str, str], lock: Path) -> Self:
        """Name their place in the cache, `${XDG_CACHE_HOME:-~/.cache}/mailbox-operator/tools/`."""
        home = Path(environ.get("HOME") or Path.home())
        caches = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
        seen = hashlib.sha256(f"{sys.base_prefix} {sys.version}".encode() + lock.read_bytes())
        return cls(caches / "mailbox-operator" / "tools" / seen.hexdigest()[:16], lock)

    @property
    def programs(self) -> Path:
        """Name the folder of its programs, Python among them."""
        return self.folder / "venv" / "bin"

    @property
    def is_installed(self) -> bool:
        """Tell whether they are there, all of them."""
        return (self.folder / READY).exists()

    def install(self) -> None:
        """Install them unless they are there by now.

        Raises:
            BuildError: They cannot be installed.
        """
        name = self.lock.stem
        self.folder.mkdir(parents=True, exist_ok=True)
        with only_run(self.folder, name):
            if not self.is_installed:
                say(f"installing {name} into {self.folder} (first run only, about a minute)")
                venv.create(self.programs.parent, clear=True, with_pip=True)
                self._pip("install", "--require-hashes", f"--requirement={self.lock}")
                (self.folder / READY).touch()

    def _pip(self, *arguments: str) -> None:
        pip = [str(self.programs / "python"), "-I", "-m", "pip", "--quiet"]
        options = ["--disable-pip-version-check", *arguments]
        done = subprocess.run([*pip, *options], capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"{self.lock.stem} cannot be installed:\n{done.stderr.strip()}")
