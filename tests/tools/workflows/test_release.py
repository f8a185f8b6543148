"""The workflow of a release publishes what was checked, and signs what it published."""

import re
import shlex
from typing import Any, Final

import pytest

from tools.release.__main__ import arguments
from tools.workflows.workflows import Job, jobs

JOBS: Final = {job.name: job for job in jobs() if job.workflow == "release"}
STEP: Final = re.compile(r"-m tools\.release ((?:[^\n\\]|\\\n)+)")


def needed(job: Job) -> set[str]:
    """Name the jobs that come before a job, all the way."""
    asked = job.content.get("needs", [])
    names = {asked} if isinstance(asked, str) else set(asked)
    return names.union(*(needed(JOBS[name]) for name in names))


def commands(job: Job) -> list[list[str]]:
    """Read the arguments of each call of tools.release."""
    lines = (found.replace("\\\n", " ").partition(">")[0] for found in STEP.findall(job.runs))
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize("job", JOBS.values(), ids=lambda job: job.name)
def test_a_call_of_the_tools_has_arguments_that_they_take(job: Job) -> None:
    for line in commands(job):
        assert arguments(line).tag == "$GITHUB_REF_NAME"


def test_the_steps_of_the_tools_are_all_used() -> None:
    used = {line[0] for job in JOBS.values() for line in commands(job)}

    assert used == {"check-version", "notes", "pack-charts", "push-charts"}


@pytest.mark.parametrize(
    "name", ["image", "index", "charts", "package", "pypi", "pages", "release"]
)
def test_nothing_is_published_before_the_version_is_checked_and_ci_has_passed(name: str) -> None:
    assert {"check", "ci"} <= needed(JOBS[name])


def test_the_release_comes_last() -> None:
    assert needed(JOBS["release"]) == set(JOBS) - {"release"}


def step(job: str, action: str) -> dict[str, Any]:
    (found,) = (x for x in JOBS[job].steps if str(x.get("uses", "")).startswith(f"{action}@"))
    return dict(found["with"])


def test_the_image_has_an_sbom_and_its_provenance() -> None:
    build = step("image", "docker/build-push-action")

    assert build["sbom"] is True
    assert build["provenance"] == "mode=max"


def test_the_image_is_built_for_the_platforms_that_its_chart_names() -> None:
    built = {x["platform"] for x in JOBS["image"].content["strategy"]["matrix"]["include"]}

    assert built == {"amd64", "arm64"}
    assert f'test "${{#parts[@]}}" = {len(built)}' in JOBS["index"].runs


@pytest.mark.parametrize(
    ("job", "signed"), [("index", "$IMAGE@$DIGEST"), ("charts", "$pushed")], ids=["image", "charts"]
)
def test_what_is_pushed_is_signed_by_its_digest_without_a_key(job: str, signed: str) -> None:
    assert f'cosign sign --yes "{signed}"' in JOBS[job].runs
    assert JOBS[job].content["permissions"]["id-token"] == "write"


def test_the_wheel_is_published_without_a_token() -> None:
    assert JOBS["pypi"].content["permissions"] == {"id-token": "write"}
    assert step("pypi", "pypa/gh-action-pypi-publish") == {"attestations": True}


@pytest.mark.parametrize(
    ("name", "command"),
    [
        pytest.param("release-pages", '-m tools.site --tag="$GITHUB_REF_NAME"', id="release"),
        pytest.param("pages-dev", "-m tools.site", id="main"),
    ],
)
def test_the_pages_are_written_beside_those_that_are_there_and_only_then_pushed(
    name: str, command: str
) -> None:
    (job,) = (each for each in jobs() if str(each) == name)

    written, pushed = job.runs.splitlines()[-2:]
    (checkout,) = (x for x in job.steps if "actions/checkout" in x.get("uses", ""))
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}
    assert written.endswith(command)
    assert pushed.endswith("git push origin gh-pages")
    assert job.content["concurrency"]["group"] == "pages"


@pytest.mark.parametrize("job", JOBS.values(), ids=lambda job: job.name)
def test_a_release_takes_nothing_from_a_cache(job: Job) -> None:
    assert [x for x in job.steps if "actions/cache" in x.get("uses", "")] == []


@pytest.mark.parametrize("job", JOBS.values(), ids=lambda job: job.name)
def test_no_secret_is_named(job: Job) -> None:
    assert "secrets" not in str(job.content)
