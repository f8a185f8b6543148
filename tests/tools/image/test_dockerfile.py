"""What the Dockerfile says of its bases and steps, which no test here can build."""

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from tools.image.__main__ import arguments

ROOT: Final = Path(__file__).parents[3]
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text()
BASES: Final = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
STEPS: Final = re.findall(r"^RUN (.+)$", DOCKERFILE, re.MULTILINE)
COPIED: Final = dict(re.findall(r"^COPY (?!--)(\S+) (\S+)$", DOCKERFILE, re.MULTILINE))


@pytest.mark.parametrize("base", BASES)
def test_a_base_is_pinned_by_digest(base: str) -> None:
    assert re.search(r"@sha256:[0-9a-f]{64}$", base)


def test_the_stage_that_runs_has_no_step_and_a_base_without_a_shell() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]

    assert "distroless" in last.partition("\n")[0]
    assert "\nRUN " not in last


def test_both_bases_have_the_same_python() -> None:
    (version,) = re.findall(r"python:(3\.\d+)-", BASES[0])

    assert arguments(shlex.split(STEPS[0])[3:]).python == Path(f"/usr/bin/python{version}")


def test_the_steps_are_those_of_the_tests_and_take_what_is_copied() -> None:
    commands = [shlex.split(step) for step in STEPS]
    install, add = (arguments(command[3:]) for command in commands)

    assert [command[:3] for command in commands] == [["python", "-m", "tools.image"]] * 2
    assert [install.step, add.step] == ["install", "add"]
    assert install.tree == add.tree
    assert {str(install.lock), str(add.package), "tools/image"} == set(COPIED.values())


@pytest.mark.parametrize("source", COPIED)
def test_what_is_copied_is_there_and_in_the_context(source: str) -> None:
    assert (ROOT / source).exists()
    assert f"!{source}" in (ROOT / ".dockerignore").read_text().splitlines()
