"""Steps the wall clock of one process from outside, by a small library that is loaded first."""

import shutil
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("clock.c")
SECONDS: Final = struct.Struct("=q")


@dataclass(frozen=True, slots=True)
class Clock:
    """The wall clock of one replica, through all of its lives.

    Attributes:
        file: Tells the library by how many seconds it goes wrong.
        library: None where there is no C compiler; then the clock cannot be stepped.
    """

    file: Path
    library: Path | None

    @classmethod
    def of(cls, directory: Path, name: str) -> "Clock":
        """Make one that goes right."""
        clock = cls(directory / f"{name}.clock", built(directory))
        clock.file.write_bytes(SECONDS.pack(0))
        return clock

    @property
    def variables(self) -> Mapping[str, str]:
        """What the process needs in its environment."""
        if self.library is None:
            return {}
        return {"LD_PRELOAD": str(self.library), "SOAK_CLOCK": str(self.file)}

    def step(self, seconds: int) -> None:
        """Let it go wrong by so many seconds; zero sets it right."""
        with self.file.open("r+b") as written:
            written.write(SECONDS.pack(seconds))


def built(directory: Path) -> Path | None:
    """Build the library, once for a directory; None without a C compiler."""
    library, compiler = directory / "clock.so", shutil.which("cc")
    if library.exists() or compiler is None:
        return library if library.exists() else None
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return library
