"""The version of a release: every place that states it has to state the same."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from tools.release.changelog import CHANGELOG, ChangelogError, section

PACKAGE: Final = Path("operator", "mailbox_operator", "__init__.py")
STATED: Final = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
TAG: Final = re.compile(r"v(\d+\.\d+\.\d+)")


class ReleaseError(Exception):
    """The tree cannot be released so; the message has a line for each reason."""


def version_of(tag: str) -> str:
    """Read the version out of a tag such as `v0.1.0`.

    Raises:
        ReleaseError: The tag is no version.
    """
    found = TAG.fullmatch(tag)
    if found is None:
        raise ReleaseError(f"the tag {tag} is no version such as v0.1.0")
    return found[1]


def check(root: Path, tag: str) -> str:
    """Compare a tag with every place of a tree that states the version.

    Returns:
        The version.

    Raises:
        ReleaseError: A place states another one.
    """
    version = version_of(tag)
    wrong = [
        f"{place} says {said}, the tag says {version}"
        for place, said in stated(root)
        if said != version
    ]
    try:
        section((root / CHANGELOG).read_text(), version)
    except ChangelogError as error:
        wrong.append(str(error))
    if wrong:
        raise ReleaseError("\n".join(wrong))
    return version


def stated(root: Path) -> Iterator[tuple[str, str]]:
    """Name each place with a version, and what it says: the package, and the charts."""
    found = STATED.search((root / PACKAGE).read_text())
    yield str(PACKAGE), found[1] if found else "nothing"
    for file in sorted(root.glob("helm/*/Chart.yaml")):
        chart = yaml.safe_load(file.read_text())
        for key in ("version", "appVersion"):
            yield f"{file.relative_to(root)}, {key},", str(chart.get(key, "nothing"))
