"""Reads what is asked of a bench: the command line, and the environment for what it leaves out."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The options of one bench. Each has a flag, and a variable of the environment.

    Attributes:
        environ: The environment; an empty variable counts as none.
    """

    parser: argparse.ArgumentParser
    environ: Mapping[str, str]

    @classmethod
    def of(cls, program: str, description: str, environ: Mapping[str, str]) -> Self:
        """Begin with the options that every bench has: `--save` and `--profile`."""
        line = cls(argparse.ArgumentParser(prog=program, description=description), environ)
        line.path("-o", "--save", variable="OUT", text="JSON file that keeps the figures")
        line.path("--profile", variable="PROFILE", text="where cProfile writes; it slows all down")
        return line

    def number(self, *flags: str, variable: str, usual: int, text: str) -> None:
        """Add an option with a whole number."""
        wanted = int(self.environ.get(variable) or usual)
        self._add(*flags, variable=variable, text=text, type=int, default=wanted)

    def numbers(self, *flags: str, variable: str, text: str) -> None:
        """Add an option with whole numbers, parted by commas; none unless asked for."""
        wanted = _numbers(self.environ.get(variable) or "")
        self._add(*flags, variable=variable, text=text, type=_numbers, default=wanted)

    def switch(self, *flags: str, variable: str, text: str) -> None:
        """Add an option that is off unless asked for; in the environment 0 is off."""
        wanted = (self.environ.get(variable) or "0") != "0"
        self._add(*flags, variable=variable, text=text, action="store_true", default=wanted)

    def path(self, *flags: str, variable: str, text: str) -> None:
        """Add an option with a path; None unless asked for."""
        wanted = self.environ.get(variable)
        default = Path(wanted) if wanted else None
        self._add(*flags, variable=variable, text=text, type=Path, default=default)

    def read(self, arguments: Sequence[str] | None) -> Mapping[str, Any]:
        """Read arguments, by default those of this process; return what each option is."""
        return vars(self.parser.parse_args(arguments))

    def _add(self, *flags: str, variable: str, text: str, **more: Any) -> None:
        self.parser.add_argument(*flags, help=f"{text} ({variable})", **more)


def _numbers(text: str) -> Numbers:
    return tuple(int(each) for each in text.split(",") if each)
