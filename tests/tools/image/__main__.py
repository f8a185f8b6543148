"""The steps of the Dockerfile: install the locked packages, add the operator, weigh the two."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.image.pruning import layer_bytes
from tools.image.tree import add, install

MOST_BYTES: Final = 120_000_000
"""What the image adds to its base, uncompressed."""


def main() -> int:
    """Make the folder that the image adds to its base."""
    asked = arguments(sys.argv[1:])
    if asked.step == "install":
        install(asked.tree, asked.lock, asked.python)
        return 0
    add(asked.tree, asked.package)
    weight = layer_bytes(asked.tree)
    print(f"{weight / 1e6:.1f} MB of at most {MOST_BYTES / 1e6:.0f} MB")
    return int(weight > MOST_BYTES)


def arguments(line: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="tools.image", description=main.__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    packages = steps.add_parser("install", help="make the folder, with the locked packages")
    packages.add_argument("tree", type=Path)
    packages.add_argument("--lock", type=Path, required=True)
    packages.add_argument("--python", type=Path, required=True, help="the interpreter of the base")
    own = steps.add_parser("add", help="add the operator; exit status 1 if it all weighs too much")
    own.add_argument("tree", type=Path)
    own.add_argument("--package", type=Path, required=True)
    return parser.parse_args(line)


if __name__ == "__main__":
    sys.exit(main())
