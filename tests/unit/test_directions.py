"""The wings of the tests import one another in one direction."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
FORBIDDEN: Final[Mapping[str, frozenset[str]]] = {
    "unit": frozenset({"system", "tools"}),
    "lab": frozenset({"unit", "system", "tools"}),
    "system": frozenset({"tools"}),
    "tools": frozenset({"unit", "system"}),
}


def crossing(wing: str, folder: Path = TESTS) -> list[str]:
    """List the imports that lead from a wing to where none may lead."""
    found = (
        (str(file.relative_to(folder)), module)
        for file in sorted((folder / wing).rglob("*.py"))
        for module in imported(ast.parse(file.read_text()))
    )
    return [
        f"{file}: {module}" for file, module in found if module.partition(".")[0] in FORBIDDEN[wing]
    ]


def imported(tree: ast.AST) -> Iterator[str]:
    """Name the modules that a file imports, wherever in it."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module)):
                yield module
            case _:
                pass


@pytest.mark.parametrize("wing", FORBIDDEN)
def test_a_wing_imports_no_wing_that_builds_on_it(wing: str) -> None:
    assert crossing(wing) == []


def test_an_import_within_a_function_is_found(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "server.py").write_text("def start():\n    import system.scenarios\n")

    assert crossing("lab", tmp_path) == ["lab/server.py: system.scenarios"]


def test_every_folder_of_the_tests_is_a_wing() -> None:
    folders = {each.name for each in TESTS.iterdir() if any(each.rglob("*.py"))}

    assert folders == set(FORBIDDEN)
