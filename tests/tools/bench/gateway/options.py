"""How much is measured."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tools.bench.sizes import path

MESSAGE_BYTES: Final = 10 * 1024
CONNECTIONS: Final = 10
"""Of applications, each with a Mailbox of its own, while throughput is measured."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for.

    Attributes:
        messages: Number of messages in each round, for each relay.
        rounds: How often all relays are measured, one after the other.
        crowd: Number of connections of applications, and of Mailboxes, while memory is measured.
        output: File for all figures as JSON; None for none.
        profile: File for a profile of the gateway by cProfile; None for none. It makes the gateway
            slower, so the figures of such a run say little.
    """

    messages: int
    rounds: int
    crowd: int
    output: Path | None
    profile: Path | None

    @classmethod
    def read(cls) -> Self:
        """Read the command line; the environment says what it leaves out."""
        parser = argparse.ArgumentParser(prog="bench-gateway", description="Measures the gateway.")
        environ = os.environ.get
        for name, usual in (("messages", 1000), ("rounds", 5), ("crowd", 500)):
            wanted = int(environ(name.upper()) or usual)
            parser.add_argument(f"--{name}", type=int, default=wanted)
        parser.add_argument("-o", type=Path, default=path(environ("OUT")), help="JSON file")
        parser.add_argument("--profile", type=Path, default=path(environ("PROFILE")))
        told = parser.parse_args()
        return cls(told.messages, told.rounds, told.crowd, told.o, told.profile)
