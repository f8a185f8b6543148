"""checkov is installed where its lock says, and its reports are read to the end."""

from pathlib import Path

import pytest

from lab.controlplane.build import BuildError
from system.chart.checkov import READY, Checkov, failed


def lock(folder: Path, text: str) -> Path:
    path = folder / "lock.txt"
    path.write_text(text)
    return path


def test_checkov_is_installed_in_a_folder_of_its_lock(tmp_path: Path) -> None:
    environ = {"HOME": "/home/jane", "XDG_CACHE_HOME": "/caches"}

    first = Checkov.of(environ, lock(tmp_path, "checkov==1")).folder
    second = Checkov.of(environ, lock(tmp_path, "checkov==2")).folder

    assert first != second
    assert first.parent == second.parent == Path("/caches/mailbox-operator/tools")


def test_an_installed_checkov_is_not_installed_again(tmp_path: Path) -> None:
    checkov = Checkov(tmp_path)
    (tmp_path / READY).touch()

    checkov.install(tmp_path / "there is no such lock")

    assert not checkov.python.exists()


def test_a_failed_install_is_reported_and_does_not_look_ready(tmp_path: Path) -> None:
    checkov = Checkov(tmp_path / "place")

    with pytest.raises(BuildError, match="checkov cannot be installed:\n"):
        checkov.install(lock(tmp_path, "checkov==1"))

    assert not checkov.is_installed


def test_a_file_without_anything_to_look_at_has_no_findings() -> None:
    assert list(failed({"passed": 0, "failed": 0, "parsing_errors": 0})) == []


def test_a_file_that_cannot_be_read_is_no_success() -> None:
    with pytest.raises(AssertionError):
        list(failed({"passed": 0, "failed": 0, "parsing_errors": 1}))
