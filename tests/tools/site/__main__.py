"""Writes one version of the pages into the branch gh-pages: `python -m tools.site --tag=v0.1.0`."""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.release.versions import ReleaseError, version_of

ROOT: Final = Path(__file__).parents[3]
LATEST: Final = "latest"
DEVELOPED: Final = "dev"
NUMBERED: Final = re.compile(r"\d+\.\d+")
FAILED: Final = 1


def main(line: Sequence[str] | None = None) -> int:
    """Publish the pages of a release, or those of main if no tag is named; nothing is pushed."""
    parser = argparse.ArgumentParser(prog="tools.site", description=main.__doc__)
    parser.add_argument("--tag", help="such as v0.1.0")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the working copy")
    asked = parser.parse_args(sys.argv[1:] if line is None else line)
    try:
        publish(asked.tree, asked.tag)
    except (ReleaseError, subprocess.CalledProcessError) as error:
        print(f"tools.site: {error}", file=sys.stderr)
        return FAILED
    return 0


def publish(tree: Path, tag: str | None) -> None:
    """Write the pages of a tree beside those of other versions, and lead `/` to the latest release.

    Raises:
        ReleaseError: The tag is no version.
        CalledProcessError: The pages cannot be built, or git refuses.
    """
    version = version_of(tag) if tag else DEVELOPED
    known = published(tree)
    names = named(known, version)
    mike(tree, "deploy", "--update-aliases", f"--title={version}", *names)
    is_released = any(map(NUMBERED.fullmatch, (*known, names[0])))
    mike(tree, "set-default", LATEST if is_released else DEVELOPED)


def published(tree: Path) -> list[str]:
    """Name the versions that are there."""
    return [each["version"] for each in json.loads(mike(tree, "list", "--json"))]


def named(known: Sequence[str], version: str) -> list[str]:
    """Name the folders of a version, its own first; a fix of an older release is not the latest."""
    if version == DEVELOPED:
        return [DEVELOPED]
    name = version.rpartition(".")[0]
    others = (number(each) for each in known if NUMBERED.fullmatch(each))
    is_latest = number(name) >= max(others, default=(0, 0))
    return [name, LATEST] if is_latest else [name]


def number(name: str) -> tuple[int, ...]:
    """Read `0.10`, which comes after `0.9`."""
    return tuple(map(int, name.split(".")))


def mike(tree: Path, step: str, *words: str) -> str:
    """Run a step of mike, which looks for mkdocs on the PATH: both are beside this Python."""
    programs = Path(sys.executable).parent
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    done = subprocess.run(
        [programs / "mike", step, "--config-file=.mkdocs.yml", "--branch=gh-pages", *words],
        cwd=tree,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
