"""Makes the folder that the image adds to its base: packages, the operator, and their bytecode."""

import compileall
import shutil
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Final

from tools.image.pruning import hollow_out, prune

PIP: Final = (sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action=ignore")
LOCKED: Final = (
    *("--disable-pip-version-check", "--no-cache-dir", "--no-compile"),
    *("--require-hashes", "--only-binary=:all:"),
)
CONFIGURATION: Final = "home = {home}\ninclude-system-site-packages = false\nversion = {version}\n"
VERSION: Final = f"{sys.version_info.major}.{sys.version_info.minor}"


class TreeError(Exception):
    """The tree cannot be made, or is not what it should be."""


def install(tree: Path, lock: Path, python: Path) -> None:
    """Make a virtual environment with the locked packages, without those parts that nobody imports.

    It has no pip: this Python's installs into it, so its version must be that of `python`.

    Args:
        tree: The folder; it is made.
        lock: Packages with hashes.
        python: The interpreter where the tree is used. It need not be there yet.

    Raises:
        TreeError: The interpreter is of another version, as its name has it.
    """
    if python.name != f"python{VERSION}":
        raise TreeError(f"{python} is not Python {VERSION}, which installs")
    site = tree / "lib" / f"python{VERSION}" / "site-packages"
    subprocess.run([*PIP, *LOCKED, "--target", site, "--requirement", lock], check=True)
    prune(site)
    hollow_out(site)
    compiled(site)
    interpreter = tree / "bin" / "python"
    interpreter.parent.mkdir()
    interpreter.symlink_to(python)
    said = CONFIGURATION.format(home=python.parent, version=VERSION)
    (tree / "pyvenv.cfg").write_text(said)


def add(tree: Path, package: Path) -> None:
    """Copy the operator's package into the tree."""
    app = tree / "app"
    shutil.copytree(package, app / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    compiled(app)


def compiled(folder: Path) -> None:
    """Write bytecode that is not compared with its source again: the image never changes.

    Raises:
        TreeError: A file is no Python.
    """
    mode = PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(folder, quiet=1, invalidation_mode=mode, workers=0):
        raise TreeError(f"some of {folder} cannot be compiled")
