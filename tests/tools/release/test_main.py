"""The command that the workflow of a release calls."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.release.__main__ import ROOT, main


def test_the_outputs_of_the_first_step_name_version_image_and_charts(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-version", "--tag=v0.1.0", "--repository=Acme/m", f"--tree={tree}"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "version=0.1.0",
        "image=ghcr.io/acme/m",
        "charts=oci://ghcr.io/acme/m/charts",
    ]


def test_the_notes_are_printed(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notes", "--tag=v0.1.0", "--repository=Acme/m", f"--tree={tree}"]) == 0

    printed = capsys.readouterr().out
    assert "### Added" in printed
    assert "cosign verify ghcr.io/acme/m:0.1.0" in printed


def test_a_wrong_tag_ends_every_step_with_a_line_for_each_place(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["notes", "--tag=v0.2.0", "--repository=Acme/m", f"--tree={tree}"]) == 1

    assert "Chart.yaml, version, says 0.1.0, the tag says 0.2.0" in capsys.readouterr().err


def test_the_first_step_needs_no_package_but_pyyaml() -> None:
    command = "import sys, tools.release.__main__; print('\\n'.join(sys.modules))"

    loaded = subprocess.run(
        [sys.executable, "-c", command],
        env={"PYTHONPATH": str(ROOT / "tests")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert {"pydantic", "mailbox_operator", "lab", "pytest"} & set(loaded) == set()
