"""How much is measured, and under which limits: the same for the operator and for the bare loop."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

CONCURRENCY: Final = 100
UNLIMITED: Final = 1_000_000
NAMESPACES: Final = 10
NEWCOMERS: Final = 100
IDLE_SECONDS: Final = 20.0
PASSWORD: Final = "correct horse"

LIMITS: Final = {
    "concurrentAttempts": CONCURRENCY,
    "concurrentPerHost": CONCURRENCY,
    "attemptsPerSecond": UNLIMITED,
    "burst": UNLIMITED,
}


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for.

    Attributes:
        size: Number of Mailboxes.
        output: File for all figures as JSON; None for none.
        profile: Folder for profiles by cProfile, first.prof and refresh.prof; None for none. They
            make the operator slower, so the figures of such a run say little.
    """

    size: int
    output: Path | None
    profile: Path | None

    @classmethod
    def read(cls) -> Self:
        """Read the command line; the environment says what it leaves out."""
        parser = argparse.ArgumentParser(prog="bench", description="Measures the operator.")
        environ = os.environ.get
        parser.add_argument("-n", type=int, default=int(environ("N") or 1000), help="Mailboxes")
        parser.add_argument("-o", type=Path, default=path(environ("OUT")), help="JSON file")
        parser.add_argument("--profile", type=Path, default=path(environ("PROFILE")))
        told = parser.parse_args()
        return cls(told.n, told.o, told.profile)


def path(text: str | None) -> Path | None:
    """Read a path; nothing is none."""
    return Path(text) if text else None


def address(number: int) -> str:
    """Name the address of a Mailbox."""
    return f"box-{number}@bench.example"
