"""What goes of the packages, and what a layer weighs."""

from pathlib import Path

import pytest

from tools.image.pruning import BLOCK, StaleError, hollow_out, layer_bytes, prune
from tools.image.unused import Hollow, Unused


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("a/models/__init__.py", "a/models/pod.py", "a/tests/test_a.py", "b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def left(site: Path) -> set[str]:
    return {str(each.relative_to(site)) for each in site.rglob("*") if each.is_file()}


def test_what_a_row_names_goes_and_what_it_excepts_stays(site: Path) -> None:
    prune(site, [Unused("a/models/*", "generated", frozenset({"__init__.py"}))])

    assert left(site) == {"a/models/__init__.py", "a/tests/test_a.py", "b.py"}


def test_a_folder_goes_with_all_that_is_in_it(site: Path) -> None:
    prune(site, [Unused("*/tests", "tests"), Unused("b.py", "a program")])

    assert left(site) == {"a/models/__init__.py", "a/models/pod.py"}


def test_a_row_that_matches_nothing_is_out_of_date(site: Path) -> None:
    with pytest.raises(StaleError, match="c/models"):
        prune(site, [Unused("c/models", "generated")])


def test_a_row_that_matches_only_what_it_excepts_is_out_of_date(site: Path) -> None:
    with pytest.raises(StaleError, match=r"b\.py"):
        prune(site, [Unused("b.py", "a program", frozenset({"b.py"}))])


def test_a_hollow_package_imports_nothing_by_itself(site: Path) -> None:
    (site / "a" / "__init__.py").write_text("from a import models\n")

    hollow_out(site, [Hollow("a/__init__.py", "its parts")])

    assert (site / "a" / "__init__.py").read_text() == ""


@pytest.mark.parametrize("path", ["b.py", "c/__init__.py"])
def test_a_package_that_imports_nothing_is_out_of_date(site: Path, path: str) -> None:
    with pytest.raises(StaleError, match="imports nothing"):
        hollow_out(site, [Hollow(path, "its parts")])


def test_a_layer_holds_a_header_for_each_name_and_whole_blocks_of_content(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x")
    (tmp_path / "full").write_bytes(b"x" * BLOCK)
    (tmp_path / "more").write_bytes(b"x" * (BLOCK + 1))
    (tmp_path / "link").symlink_to("more")

    assert layer_bytes(tmp_path) == (5 + 1 + 1 + 2) * BLOCK
