"""Breaks clock and resolver of one process from outside, by a small library that is loaded first."""

import shutil
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("node.c")
WRONG: Final = struct.Struct("=qq")


class Resolver(IntEnum):
    """What a resolver does when it is asked for the addresses of a name; `node.c` counts as this does.

    Attributes:
        LIES: It names an address where nobody listens.
    """

    WORKS = 0
    FAILS = 1
    DENIES = 2
    SILENT = 3
    LIES = 4


@dataclass(slots=True)
class Node:
    """The node of one replica, through all of the replica's lives.

    Attributes:
        file: Tells the library what is wrong.
        library: None where there is no C compiler; then nothing goes wrong.
        seconds: By how much the wall clock is wrong.
        resolver: What the resolver does.
    """

    file: Path
    library: Path | None
    seconds: int = 0
    resolver: Resolver = Resolver.WORKS

    @classmethod
    def of(cls, directory: Path, name: str) -> "Node":
        """Make one where all is well."""
        node = cls(directory / f"{name}.node", built(directory))
        node.file.write_bytes(WRONG.pack(0, 0))
        return node

    @property
    def variables(self) -> Mapping[str, str]:
        """What the process needs in its environment."""
        if self.library is None:
            return {}
        return {"LD_PRELOAD": str(self.library), "SOAK_NODE": str(self.file)}

    def step(self, seconds: int) -> None:
        """Let the wall clock go wrong by so many seconds; zero sets it right."""
        self.seconds = seconds
        self._write()

    def resolve(self, resolver: Resolver) -> None:
        """Let the resolver do something from now on."""
        self.resolver = resolver
        self._write()

    def _write(self) -> None:
        with self.file.open("r+b") as written:
            written.write(WRONG.pack(self.seconds, self.resolver))


def built(directory: Path) -> Path | None:
    """Build the library, once for a directory; None without a C compiler."""
    library, compiler = directory / "node.so", shutil.which("cc")
    if library.exists() or compiler is None:
        return library if library.exists() else None
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return library
