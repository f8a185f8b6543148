"""What a newcomer sees: plain text for any terminal, with a little colour where there is one."""

import os
import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tools.demo.transitions import State, Transition

INDENT: Final = " " * 11
NAME_WIDTH: Final = 24
STANDING_WIDTH: Final = 16
RECIPIENT_WIDTH: Final = 6
LINE_WIDTH: Final = 100
BOLD: Final = "1"
DIM: Final = "2"
COLOURS: Final[Mapping[str, str]] = {
    "connected": "32",
    "needs a person": "31",
    "retrying": "33",
    "waiting": "33",
}


@dataclass(frozen=True, slots=True)
class Screen:
    """Prints lines with the time since the start.

    Attributes:
        coloured: Whether the terminal shows colours and nobody minds them.
        began: Monotonic time of the start.
    """

    coloured: bool = field(
        default_factory=lambda: sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    )
    began: float = field(default_factory=time.monotonic)

    def heading(self, text: str) -> None:
        """Begin a chapter."""
        print(f"\n{self._painted(text, BOLD)}", flush=True)

    def paragraph(self, text: str) -> None:
        """Explain something."""
        print(textwrap.fill(text, LINE_WIDTH), flush=True)

    def step(self, text: str) -> None:
        """Tell that something is done."""
        print(f"{self._clock(time.monotonic())}  {text}", flush=True)

    def transition(self, seen: Transition) -> None:
        """Tell where a Mailbox stands now, and what its owner reads if that is not good."""
        state = seen.state
        word = self._painted(state.standing.ljust(STANDING_WIDTH), COLOURS.get(state.standing, ""))
        reason = "" if state.standing == "connected" else state.reason
        line = f"{self._clock(seen.at)}  {seen.name.ljust(NAME_WIDTH)}{word}{reason}"
        print(line.rstrip(), flush=True)
        if tells(state):
            self.remark(state.message)

    def reply(self, recipient: str, text: str) -> None:
        """Tell what an application was answered when it sent to somebody."""
        told = f"to {recipient.ljust(RECIPIENT_WIDTH)}{text}"
        first, *rest = textwrap.wrap(told, LINE_WIDTH - len(INDENT), break_on_hyphens=False)
        self.step(first)
        self.remark(" ".join(rest))

    def remark(self, text: str) -> None:
        """Print what belongs to the line above."""
        width = LINE_WIDTH - len(INDENT)
        lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        for line in lines:
            print(f"{INDENT}{self._painted(line, DIM)}", flush=True)

    def verbatim(self, command: str, output: str) -> None:
        """Print a command and its output as it is."""
        print(f"$ {command}\n{output.rstrip()}", flush=True)

    def _clock(self, at: float) -> str:
        return f"{at - self.began:7.2f} s"

    def _painted(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self.coloured and colour else text


def tells(state: State) -> bool:
    """Whether the message of a state is worth its lines."""
    return state.standing in {"needs a person", "retrying", "waiting"}
