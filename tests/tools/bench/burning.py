"""Other work on the machine: processes that take all the processor time that they get."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from lab.controlplane.process import Process

BURNERS: Final = 2
WORK: Final = "while True: pass"


@contextmanager
def burning(directory: Path, count: int = BURNERS) -> Iterator[list[Process]]:
    """Burn for as long as the block, at the usual priority."""
    with ExitStack() as stack:
        command = [sys.executable, "-S", "-c", WORK]
        burners = [Process(command, directory / "burner.log") for _ in range(count)]
        for each in burners:
            stack.enter_context(each)
        yield burners
