"""The workflows: pinned, with least rights, and with commands that are there."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from lab.locked import Locked
from tools.workflows.workflows import FILES, ROOT, Job, jobs, read

JOBS: Final = list(jobs())
USES: Final = re.compile(r"^\s*(?:- )?uses: (\S+)(.*)$", re.MULTILINE)
PINNED: Final = re.compile(r"[\w./-]+@[0-9a-f]{40}")
IMAGE: Final = re.compile(r"\S+:\S+@sha256:[0-9a-f]{64}")
TARGET: Final = re.compile(r"\bmake ((?:[a-z.-]+/?)+)")
TOOL: Final = re.compile(r"-m (tools\.\w+)")
LOCK: Final = re.compile(r"\.lock/(\w+)\.txt")


def test_actionlint_has_nothing_to_say(actionlint: Path) -> None:
    command = [str(actionlint), "-shellcheck=", "-pyflakes=", *map(str, FILES)]

    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert (done.stdout, done.returncode) == ("", 0)


def test_zizmor_finds_nothing(scanners: Locked) -> None:
    command = [str(scanners.programs / "zizmor"), "--offline", "--no-progress", *map(str, FILES)]

    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout + done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_action_is_pinned_by_its_commit_and_names_its_version(file: Path) -> None:
    used = [found for found in USES.findall(file.read_text()) if not found[0].startswith("./")]

    assert [name for name, _ in used if not PINNED.fullmatch(name)] == []
    assert [name for name, rest in used if not re.fullmatch(r" # v\d+\.\d+\.\d+", rest)] == []


def test_an_action_has_one_version_in_all_workflows() -> None:
    used = {name for file in FILES for name, _ in USES.findall(file.read_text())}

    names = [re.split("[@]", name)[0] for name in used]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_workflow_gives_no_right_to_all_of_its_jobs(file: Path) -> None:
    assert read(file.stem)["permissions"] == {}


@pytest.mark.parametrize("job", JOBS, ids=str)
def test_a_job_names_its_rights_and_its_longest_time(job: Job) -> None:
    assert isinstance(job.content["permissions"], dict)
    assert "uses" in job.content or job.content["timeout-minutes"] <= 90


@pytest.mark.parametrize("job", JOBS, ids=str)
def test_a_container_of_a_job_is_pinned_by_digest(job: Job) -> None:
    container = job.content.get("container")

    assert container is None or IMAGE.fullmatch(container["image"])


@pytest.mark.parametrize("job", JOBS, ids=str)
def test_what_a_job_calls_is_there(job: Job) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = {found.rstrip("/") for found in TARGET.findall(job.runs)} - {".venv/ready"}
    modules = {found.replace(".", "/") for found in TOOL.findall(job.runs)}

    assert [each for each in targets if not re.search(rf"^{each}:", makefile, re.MULTILINE)] == []
    assert [each for each in modules if not (ROOT / "tests" / each / "__main__.py").exists()] == []
    assert [x for x in LOCK.findall(job.runs) if not (ROOT / ".lock" / f"{x}.txt").exists()] == []


def test_every_lock_but_those_of_tools_is_scanned() -> None:
    scanned = set(read("scan")["jobs"]["packages"]["strategy"]["matrix"]["lock"])
    locks = {file.stem for file in (ROOT / ".lock").glob("*.txt")}

    assert locks - scanned == {"checkov", "scan"}
