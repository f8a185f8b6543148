"""What a bench waits for is done by other processes: one that died ends it, with the end of its log."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Final

from lab.controlplane.build import BuildError
from lab.controlplane.process import Process, ProcessError

LOOK_EVERY_SECONDS: Final = 0.2
DEATHS: Final = (BuildError, ProcessError, AssertionError)
"""What says by itself why a bench cannot go on."""


@asynccontextmanager
async def watched(*processes: Process) -> AsyncIterator[None]:
    """Watch processes for as long as the block, whatever it waits for.

    Raises:
        ExceptionGroup: It has a ProcessError; one of them ended, and the block was cancelled.
    """
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_until_one_ends(processes))
        yield
        task.cancel()


async def _until_one_ends(processes: tuple[Process, ...]) -> None:
    while True:
        for each in processes:
            each.check()
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def concluded(bench: Callable[[], int]) -> int:
    """Run a bench and return its exit status; 1, and why, where a process died."""
    try:
        return bench()
    except (*DEATHS, ExceptionGroup) as error:
        found = list(causes(error))
        if not all(isinstance(each, DEATHS) for each in found):
            raise
        for each in found:
            print(f"The bench ends: {each}", file=sys.stderr)
        return 1


def causes(error: Exception) -> Iterator[Exception]:
    """List the errors in a group, or the one that is none."""
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            yield from causes(each)
    else:
        yield error
