"""Writes a tree of lines, as people read it on a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

END: Final = "\x1b[0m"
UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


class Colour(Enum):
    """What a line means, as SGR parameters (ECMA-48)."""

    PLAIN = ""
    GOOD = "\x1b[32m"
    BAD = "\x1b[31m"
    OPEN = "\x1b[33m"


@dataclass(frozen=True, slots=True)
class Node:
    """A line, and the lines below it."""

    text: str
    colour: Colour = Colour.PLAIN
    children: Sequence["Node"] = ()


def lines(node: Node, *, coloured: bool, first: str = "", rest: str = "") -> Iterator[str]:
    """Write a node and all below it.

    Args:
        node: The root.
        coloured: Whether a terminal shows it.
        first: What stands before its own line.
        rest: What stands before the lines below it.
    """
    plain = not coloured or node.colour is Colour.PLAIN
    yield first + (node.text if plain else f"{node.colour.value}{node.text}{END}")
    for number, child in enumerate(node.children, 1):
        fork, under = ("└─ ", "   ") if number == len(node.children) else ("├─ ", "│  ")
        yield from lines(child, coloured=coloured, first=rest + fork, rest=rest + under)


def span(time: timedelta) -> str:
    """Write a duration by its largest unit, rounded down, as kubectl writes an age."""
    seconds = int(time.total_seconds())
    for length, unit in UNITS:
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return "0s"
