"""What is asked of the bench of the operator."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tools.bench.command_line import CommandLine, Numbers
from tools.bench.sizes import NEWCOMERS


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for.

    Attributes:
        size: Number of Mailboxes.
        contended: Whether the waits are also measured with two burning processes beside.
        repeat: How often newcomers and edits are measured, one run after the other.
        replicas: Numbers of operator processes that share one control plane, each measured.
        save: File that keeps the figures; None for none.
        profile: Folder for profiles by cProfile, first.prof and refresh.prof; None for none. They
            make the operator slower, so the figures of such a run say little.
    """

    size: int
    contended: bool = False
    repeat: int = 1
    replicas: Numbers = ()
    save: Path | None = None
    profile: Path | None = None

    @classmethod
    def read(
        cls, arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ
    ) -> Self:
        """Read the command line; the environment says what it leaves out."""
        line = CommandLine.of("bench", "Measures the operator.", environ)
        line.number("-n", "--size", variable="N", usual=1000, text="Mailboxes")
        line.switch("--contended", variable="CONTENDED", text="also with two burning processes")
        line.number("--repeat", variable="REPEAT", usual=1, text="runs of newcomers and of edits")
        line.numbers("--replicas", variable="REPLICAS", text="checks a second, such as 1,2,4")
        return cls(**line.read(arguments))

    @property
    def accounts(self) -> int:
        """How many Mailboxes there are in the end."""
        return self.size + NEWCOMERS * self.repeat * (2 if self.contended else 1)
