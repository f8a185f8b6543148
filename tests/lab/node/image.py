"""Container images as folders of this machine, and what a Dockerfile says of one."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

INSTRUCTION: Final = re.compile(r"^([A-Z]+)\s+(.*)$", re.MULTILINE)
VARIABLE: Final = re.compile(r"(\w+)=(\S+)")


@dataclass(frozen=True, slots=True)
class Image:
    """What a container starts from.

    Attributes:
        name: The last part of the repository. A pod that asks for another image gets none.
        entrypoint: The program.
        command: Its arguments, unless the container has `args`.
        environ: Its environment, before the container's.
        user: User and group, unless the container has others.
        files: What lies where in it, besides the system's own folders.
    """

    name: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int] = (0, 0)
    files: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def of_dockerfile(cls, path: Path, name: str, files: Mapping[str, Path]) -> Self:
        """Take the last stage of a Dockerfile, with its copied files from this machine."""
        text = path.read_text().replace("\\\n", " ").rpartition("\nFROM ")[2]
        said = {word: rest for word, rest in INSTRUCTION.findall(text) if word != "ENV"}
        lines = [rest for word, rest in INSTRUCTION.findall(text) if word == "ENV"]
        user, _, group = said.get("USER", "0:0").partition(":")
        return cls(
            name,
            _exec_form(said["ENTRYPOINT"]),
            _exec_form(said.get("CMD", "[]")),
            dict(VARIABLE.findall(" ".join(lines))),
            (int(user), int(group or user)),
            files,
        )

    def serves(self, reference: str) -> bool:
        """Tell whether a reference means this image, in whatever registry and version."""
        last = reference.partition("@")[0].rpartition("/")[2]
        return last.partition(":")[0] == self.name


def _exec_form(text: str) -> tuple[str, ...]:
    words: list[Any] = json.loads(text)
    return tuple(map(str, words))
