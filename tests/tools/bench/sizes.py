"""How much is measured, and under which limits: the same for the operator and for the bare loop."""

from typing import Final

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


def address(number: int) -> str:
    """Name the address of a Mailbox."""
    return f"box-{number}@bench.example"
