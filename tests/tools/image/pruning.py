"""Removes from site-packages what is not used, and weighs a tree as a layer of an image does."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tools.image.unused import HOLLOW, UNUSED, Hollow, Unused

BLOCK: Final = 512


class StaleError(Exception):
    """A row of the table removes nothing; the package is gone, or has another layout."""


def prune(site: Path, table: Iterable[Unused] = UNUSED) -> None:
    """Remove what the table names.

    Args:
        site: A folder of installed packages; without bytecode, which would be left over.
        table: What goes.

    Raises:
        StaleError: A row matches nothing.
    """
    for row in table:
        found = [each for each in site.glob(row.pattern) if each.name not in row.but]
        if not found:
            raise StaleError(f"{row.pattern} ({row.why}) matches nothing in {site}")
        for each in found:
            _remove(each)


def hollow_out(site: Path, table: Iterable[Hollow] = HOLLOW) -> None:
    """Empty the modules that the table names, so that a package imports only what is asked for.

    Raises:
        StaleError: One of them is not there, or imports nothing.
    """
    for row in table:
        module = site / row.path
        if not module.is_file() or "import" not in module.read_text():
            raise StaleError(f"{row.path} ({row.why}) imports nothing in {site}")
        module.write_text("")


def layer_bytes(tree: Path) -> int:
    """Weigh a tree as it is in the archive of a layer, uncompressed: whole blocks, and headers."""
    return sum(map(_blocks, [tree, *tree.rglob("*")])) * BLOCK


def _blocks(path: Path) -> int:
    is_content = path.is_file() and not path.is_symlink()
    return 1 + (-(-path.stat().st_size // BLOCK) if is_content else 0)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)  # its folder may have gone
