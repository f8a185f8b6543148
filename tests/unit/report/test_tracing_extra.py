"""OpenTelemetry is an extra. Without it, a process that should trace says what to install."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

import pytest

SOURCES: Final = Path(__file__).parents[3] / "operator"
PACKAGES: Final = Path(sysconfig.get_path("purelib"))
TRACED: Final = "tracing: {endpoint: 'http://collector.example:4318/v1/traces'}"
GATEWAY: Final = "gateway: {host: smtp.acme.example}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a folder of packages like the installed ones, but without OpenTelemetry."""
    folder = tmp_path / "site"
    folder.mkdir()
    for each in PACKAGES.iterdir():
        if not each.name.startswith("opentelemetry"):
            (folder / each.name).symlink_to(each)
    return folder


def said(site: Path, command: str, *configuration: str) -> tuple[int, str]:
    """Run a command with these packages alone, and no cluster; return its status and its words."""
    file = site.parent / "config.yaml"
    file.write_text("\n".join(configuration))
    path = os.pathsep.join(map(str, [SOURCES, site]))
    done = subprocess.run(
        [sys.executable, "-S", "-m", "mailbox_operator", command, f"--config={file}"],
        env={"PYTHONPATH": path, "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", ["run", "gateway"])
def test_a_process_that_should_trace_says_which_extra_is_missing(site: Path, command: str) -> None:
    status, words = said(site, command, TRACED, GATEWAY)

    assert status == 2
    assert "tracing.endpoint is set, but OpenTelemetry is not installed" in words
    assert "mailbox-operator[tracing]" in words


@pytest.mark.parametrize("command", ["run", "gateway"])
def test_a_process_that_does_not_trace_needs_no_extra(site: Path, command: str) -> None:
    _, words = said(site, command, GATEWAY)

    assert "OpenTelemetry" not in words
    assert "no cluster to work in" in words
