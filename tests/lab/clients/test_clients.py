"""A client that is missing is named with the line that installs it; the pages repeat these lines."""

import shutil
from pathlib import Path
from typing import Final

import pytest

from lab.clients.applications import COMMANDS, DOCS
from lab.clients.programs import DEBIAN, INSTALL, run

ROOT: Final = DOCS.parent
PACKAGES: Final = sorted(
    {
        package
        for line in INSTALL.values()
        if line.startswith(DEBIAN)
        for package in line.removeprefix(DEBIAN).split()
    }
)


async def test_a_missing_program_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(RuntimeError, match=f"^swaks is missing: {INSTALL['swaks']}$"):
        await run("swaks")


def test_java_without_its_compiler_is_named_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = shutil.which("java")
    assert java, INSTALL["java"]
    (tmp_path / "java").symlink_to(java)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(RuntimeError, match=f"^javac is missing: {INSTALL['java']}$"):
        COMMANDS["java"](tmp_path)


@pytest.mark.parametrize("page", [".ci/run", "CONTRIBUTING.md"])
@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_of_the_clients_are_installed_with_the_others(page: str, package: str) -> None:
    words = (ROOT / page).read_text().replace(";", " ").replace(")", " ").replace("(", " ").split()

    assert package in words
