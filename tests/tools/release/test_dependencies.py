"""What pyproject.toml asks for is bounded, and the locks hold it and nothing else."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parents[3]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT: Final = [
    Requirement(each)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for each in group
]
UNBOUNDED: Final = {"certifi": "its version is a date, and an old list of authorities is no safer"}
LOCKS: Final = sorted((ROOT / ".lock").glob("*.txt"))
COMPILED: Final = re.compile(r"^#    (uv pip compile .*)$", re.MULTILINE)
PACKAGE: Final = re.compile(r"^([\w.-]+)==(\S+)(?: ;.*?)? \\$\n((?:^[ #].*\n?)+)", re.MULTILINE)
OURS: Final = re.compile(r"#\s+(?:via )?\s*mailbox-operator \(pyproject\.toml\)$", re.MULTILINE)


def packages(lock: Path) -> Iterator[tuple[str, str, str]]:
    """Read each package of a lock: its name, its version, its hashes and who asks for it."""
    for found in PACKAGE.finditer(lock.read_text()):
        yield found[1], found[2], found[3]


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda each: each.name)
def test_a_direct_dependency_has_an_upper_bound(requirement: Requirement) -> None:
    bounded = any(each.operator in {"<", "<=", "==", "~="} for each in requirement.specifier)

    assert bounded is not (requirement.name in UNBOUNDED)


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda each: each.name)
@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_the_locked_version_is_one_that_the_project_asks_for(
    lock: str, requirement: Requirement
) -> None:
    versions = {name: version for name, version, _ in packages(ROOT / ".lock" / lock)}

    assert requirement.specifier.contains(versions[requirement.name])


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_a_lock_says_of_the_direct_dependencies_alone_that_the_project_asks_for_them(
    lock: str,
) -> None:
    asked = {name for name, _, rest in packages(ROOT / ".lock" / lock) if OURS.search(rest)}

    assert asked == {each.name for each in DIRECT}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda each: each.name)
def test_every_package_of_a_lock_has_hashes(lock: Path) -> None:
    found = list(packages(lock))

    assert len(found) == len(re.findall("^[^ #]", lock.read_text(), re.MULTILINE))
    assert [name for name, _, rest in found if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda each: each.name)
def test_a_lock_names_the_command_of_make_lock_which_renovate_repeats(lock: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    (options,) = re.findall(
        r"^COMPILE = \S+/uv pip compile --quiet --upgrade (.*)$", makefile, re.MULTILINE
    )
    (asked,) = re.findall(rf"^\t@\$\(COMPILE\) (.*\.lock/{lock.name})$", makefile, re.MULTILINE)

    assert COMPILED.findall(lock.read_text()) == [f"uv pip compile {options} {asked}"]
