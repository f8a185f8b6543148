"""What is asked of the bench of the gateway."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tools.bench.command_line import CommandLine

MESSAGE_BYTES: Final = 10 * 1024
CONNECTIONS: Final = 10
"""Of applications, each with a Mailbox of its own, while throughput is measured."""
PER_CROWD: Final = 4
"""Messages of each connection while memory is measured, beside its first."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for.

    Attributes:
        messages: Number of messages in each round, for each relay.
        rounds: How often all relays are measured, one after the other.
        crowd: Number of connections of applications, and of Mailboxes, while memory is measured.
        mailboxes: Number of Mailboxes of one more Sender, which chooses among them by recipient; 0 for
            no such Sender.
        save: File that keeps the figures; None for none.
        profile: File for a profile of the gateway by cProfile; None for none. It makes the gateway
            slower, so the figures of such a run say little.
    """

    messages: int
    rounds: int
    crowd: int
    mailboxes: int = 0
    save: Path | None = None
    profile: Path | None = None

    @classmethod
    def read(
        cls, arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ
    ) -> Self:
        """Read the command line; the environment says what it leaves out."""
        line = CommandLine.of("bench-gateway", "Measures the gateway.", environ)
        for name, usual, text in (
            ("messages", 1000, "messages in each round"),
            ("rounds", 5, "how often each relay is measured"),
            ("crowd", 500, "connections while memory is measured"),
            ("mailboxes", 0, "Mailboxes of one more Sender, which chooses by recipient"),
        ):
            line.number(f"--{name}", variable=name.upper(), usual=usual, text=text)
        return cls(**line.read(arguments))

    @property
    def sizes(self) -> Mapping[str, int]:
        """How much is measured, as a record keeps it."""
        asked = {"messages": self.messages, "rounds": self.rounds, "crowd": self.crowd}
        return asked | ({"mailboxes": self.mailboxes} if self.mailboxes else {})
