"""A client that is missing is named with the line that installs it; the pages repeat these lines."""

from pathlib import Path
from typing import Final

import pytest

from lab.clients.applications import DOCS, send
from lab.clients.programs import DEBIAN, INSTALL, Login, run

ROOT: Final = DOCS.parent
PACKAGES: Final = sorted(
    {
        package
        for line in INSTALL.values()
        if line.startswith(DEBIAN)
        for package in line.removeprefix(DEBIAN).split()
    }
)


async def test_a_missing_program_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(RuntimeError, match=f"^swaks is missing: {INSTALL['swaks']}$"):
        await run("swaks", environment={"PATH": ""})


async def test_java_without_its_compiler_is_named_with_the_line_that_installs_it(
    tmp_path: Path,
) -> None:
    login = Login("localhost", 1, 2, "acme.app", "secret", "jane@acme.example", "")
    (tmp_path / "java").touch(mode=0o755)

    with pytest.raises(RuntimeError, match=f"^javac is missing: {INSTALL['java']}$"):
        await send("java", login, "joe@acme.example", tmp_path, PATH=str(tmp_path))


@pytest.mark.parametrize("page", [".ci/run", "CONTRIBUTING.md"])
@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_of_the_clients_are_installed_with_the_others(page: str, package: str) -> None:
    words = (ROOT / page).read_text().replace(";", " ").replace(")", " ").replace("(", " ").split()

    assert package in words
