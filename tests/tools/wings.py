"""Runs the tests in two wings side by side: those that need a cluster, and the others.

The scenarios of sending and of consent need a cluster as well; they go with the others, so that both
wings take about as long. Neither keeps two cores busy, so together they take little longer than the
longer one. Each line of pytest's reports is shown as it comes, behind the name of its wing. What failed
and how each wing ended is said once more at the end: a wing that ends early is far above by then.
"""

import asyncio
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pytest

WINGS: Final = {
    "cluster": "cluster and not (sending or consent)",
    "others": "sending or consent or not cluster",
}
"""What a wing is called, and the expression of markers that chooses its tests."""
PYTEST: Final = ("-m", "coverage", "run", "-m", "pytest")
LONGEST_LINE: Final = 1 << 20
ENDING: Final = re.compile(r"(FAILED|ERROR) |.*\d (passed|failed|deselected|errors?)\b.* in \d")
"""The lines of pytest's summary that name a test that did not pass, or count them all."""
PASSED: Final = int(pytest.ExitCode.OK)
NONE_CHOSEN: Final = int(pytest.ExitCode.NO_TESTS_COLLECTED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a wing ended: its exit status, and the lines that say so."""

    status: int
    lines: Sequence[str]


async def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run both wings, repeat how they ended, and return the exit status of the two together.

    Args:
        arguments: For pytest, in both wings.
        environ: The environment of both.
    """
    wings = (
        one(name, [*PYTEST, "-m", which, *arguments], environ) for name, which in WINGS.items()
    )
    outcomes = await asyncio.gather(*wings)
    for outcome in outcomes:
        print(*outcome.lines, sep="\n", flush=True)
    return together([outcome.status for outcome in outcomes])


def together(statuses: Sequence[int]) -> int:
    """Make one exit status of many: a wing may have no test, but not every one."""
    failed = [status for status in statuses if status not in {PASSED, NONE_CHOSEN}]
    if failed:
        return failed[0]
    return PASSED if PASSED in statuses else NONE_CHOSEN


async def one(name: str, command: Sequence[str], environ: Mapping[str, str]) -> Outcome:
    """Run one wing, show what it says line by line, and return how it ended."""
    wing = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        env={**environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=LONGEST_LINE,
    )
    assert wing.stdout is not None
    width = max(map(len, WINGS))
    endings = []
    async for line in wing.stdout:
        said = line.decode(errors="replace").rstrip()
        shown = f"{name:>{width}} | {said}"
        print(shown, flush=True)
        if ENDING.match(said):
            endings.append(shown)
    return Outcome(await wing.wait(), endings)


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:], os.environ)))
