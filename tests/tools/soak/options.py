"""How long, with how many Mailboxes, and from which seed."""

import argparse
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

SECONDS: Final = 600
MAILBOXES: Final = 2000
LOGINS_PER_SECOND: Final = 20
QUICK: Final = {"leaseDuration": "5s", "renewDeadline": "3s", "retryPeriod": "1s"}
LONG_SECONDS: Final = 200
SHORTEST_INTERVAL_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for.

    Attributes:
        seconds: In which faults are played; to create, to settle and to look again comes on top.
        mailboxes: How many, of all six combinations.
        seed: Of the faults.
    """

    seconds: int
    mailboxes: int
    seed: int

    @classmethod
    def read(cls) -> Self:
        """Read the command line; the environment says what it leaves out."""
        parser = argparse.ArgumentParser(prog="soak", description="Plays faults, and judges.")
        drawn = secrets.randbelow(1_000_000)
        asked = {"seconds": SECONDS, "mailboxes": MAILBOXES, "seed": drawn}
        for name, default in asked.items():
            told = os.environ.get(name.upper())
            parser.add_argument(f"--{name}", type=int, default=int(told or default))
        found = parser.parse_args()
        return cls(found.seconds, found.mailboxes, found.seed)

    @property
    def interval_seconds(self) -> int:
        """The checkInterval of all Mailboxes."""
        return max(SHORTEST_INTERVAL_SECONDS, self.mailboxes // LOGINS_PER_SECOND)

    @property
    def longest_seconds(self) -> float:
        """Of one fault: a short run has room for short ones only."""
        return max(5.0, self.seconds / 5)

    @property
    def lease(self) -> Mapping[str, str]:
        """The terms of the leader election; a short run has a short one, so that it is lost as well."""
        return QUICK if self.seconds < LONG_SECONDS else {}
