"""Tools are installed in a folder that their lock names."""

from pathlib import Path

import pytest

from lab.controlplane.build import BuildError
from lab.locked import READY, Locked


def lock(folder: Path, text: str) -> Path:
    path = folder / f"{text.partition('=')[0]}.txt"
    path.write_text(text)
    return path


def test_tools_are_installed_in_a_folder_of_their_lock(tmp_path: Path) -> None:
    environ = {"HOME": "/home/jane", "XDG_CACHE_HOME": "/caches"}

    first = Locked.of(environ, lock(tmp_path, "checkov==1")).folder
    second = Locked.of(environ, lock(tmp_path, "checkov==2")).folder

    assert first != second
    assert first.parent == second.parent == Path("/caches/mailbox-operator/tools")


def test_installed_tools_are_not_installed_again(tmp_path: Path) -> None:
    tools = Locked(tmp_path, tmp_path / "there is no such lock")
    (tmp_path / READY).touch()

    tools.install()

    assert not tools.programs.exists()


def test_a_failed_install_is_reported_and_does_not_look_ready(tmp_path: Path) -> None:
    tools = Locked(tmp_path / "place", lock(tmp_path, "checkov==1"))

    with pytest.raises(BuildError, match="checkov cannot be installed:\n"):
        tools.install()

    assert not tools.is_installed
