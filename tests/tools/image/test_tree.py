"""The folder that the image adds to its base."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from lab.stand.program import LOCK, PACKAGE, Program
from tools.image.pruning import layer_bytes
from tools.image.tree import TreeError, install

MOST_BYTES: Final = 120_000_000
EVERYTHING: Final = Path(__file__).with_name("everything.py")
LICENCE: Final = re.compile("licen[cs]e|notice|copying|authors", re.IGNORECASE)


def run(tree: Path, *arguments: str) -> str:
    """Run the tree's Python, away from the working copy and its packages."""
    program = Program.of_tree(tree)
    done = subprocess.run(
        [program.python, *arguments],
        cwd=tree,
        env={"PYTHONPATH": str(program.sources), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def site_of(tree: Path) -> Path:
    (found,) = tree.glob("lib/python*/site-packages")
    return found


def test_the_folder_weighs_at_most_120_megabytes_with_its_bytecode(image_tree: Path) -> None:
    assert layer_bytes(image_tree) <= MOST_BYTES


def test_every_module_is_imported_from_the_folder(image_tree: Path) -> None:
    modules = [each for each in PACKAGE.rglob("*.py") if each.name != "__main__.py"]

    assert int(run(image_tree, "-W", "error", str(EVERYTHING))) == len(modules) - 1


def test_every_file_has_its_bytecode_which_is_not_compared_with_the_source(
    image_tree: Path,
) -> None:
    compiled = list(image_tree.rglob("*.pyc"))

    assert len(compiled) == len(list(image_tree.rglob("*.py")))
    assert {each.read_bytes()[4:8] for each in compiled} == {b"\x01\x00\x00\x00"}


def test_the_folder_brings_no_other_program_than_python(image_tree: Path) -> None:
    assert [each.name for each in (image_tree / "bin").iterdir()] == ["python"]
    assert not (site_of(image_tree) / "pip").exists()


def test_every_package_keeps_its_name_and_its_licence(image_tree: Path) -> None:
    kept = list(site_of(image_tree).glob("*.dist-info"))

    assert len(kept) > 50
    assert [each.name for each in kept if not (each / "METADATA").exists()] == []
    assert [each.name for each in kept if licences(each) == [] and promises(each)] == []


def licences(package: Path) -> list[Path]:
    return [each for each in package.rglob("*") if each.is_file() and LICENCE.search(each.name)]


def promises(package: Path) -> bool:
    """Tell whether the metadata names a file with the licence."""
    return "\nLicense-File: " in (package / "METADATA").read_text()


def test_the_base_must_have_the_python_that_installs(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match=r"python3\.1 is not"):
        install(tmp_path / "tree", LOCK, Path("/usr/bin/python3.1"))
