"""Pages for people, as a test follows them: the files that they have one write, and the commands."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from system.rollout.site import Site

ROOT: Final = Path(__file__).parents[3]
FILE: Final = re.compile(r"`(\w+\.yaml)`(?:(?!```).)*?:\n\n```yaml\n(.*?)```", re.DOTALL)
CONSOLE: Final = re.compile(r"```console\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """Instructions for people.

    Attributes:
        text: The part of a page that has them.
        more: Commands that tidy up after them, or show what came of them.
    """

    text: str
    more: tuple[str, ...] = ()

    @property
    def files(self) -> Mapping[str, str]:
        """Read the files that people are told to write."""
        return dict(FILE.findall(self.text))

    @property
    def commands(self) -> list[str]:
        """Read the commands."""
        blocks = CONSOLE.findall(self.text)
        lines = [line for block in blocks for line in block.splitlines()]
        return [*(line.removeprefix("$ ") for line in lines), *self.more]


def run(line: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Run a command; return what it printed, or fail the test."""
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environ, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def prepared(site: Site, folder: Path) -> Mapping[str, str]:
    """Let the commands find the programs and the cluster of the test, and a checkout in `work`."""
    assets = site.cluster.plane.assets
    for name in ("kubectl", "helm"):
        (folder / name).symlink_to(next(assets.locate(p) for p in assets.programs if p == name))
    (folder / "work").mkdir()
    for name in ("docs", "helm"):
        (folder / "work" / name).symlink_to(ROOT / name)
    kubeconfig = str(site.cluster.plane.kubeconfig)
    return {**os.environ, "KUBECONFIG": kubeconfig, "PATH": f"{folder}:{os.environ['PATH']}"}
