"""`python -m tools.bench.check`: what a check costs beside the bare login, in processor time.

Both are made by this process in turns, some hundred at a time, and compared turn by turn: what else
the machine does then meets both alike. The operator is all there but for kopf and the API server.
"""

import argparse
import asyncio
import ssl
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mailbox_operator.heap import freeze_heap
from mailbox_operator.report.log import configure
from mailbox_operator.tlsbuffers import bound_tls_buffers
from tools.bench.bare import log_in, timed
from tools.bench.check.fleet import Fleet
from tools.bench.processes import Mail
from tools.bench.sizes import address

MS: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What a check and a bare login cost in one turn, in milliseconds of processor time."""

    check: float
    bare: float

    @property
    def ratio(self) -> float:
        """What a check costs in bare logins."""
        return self.check / self.bare


def main(arguments: Sequence[str]) -> int:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(prog="bench.check", description=__doc__)
    parser.add_argument("-n", type=int, default=10_000, help="Mailboxes")
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--each", type=int, default=150, help="checks in a turn")
    told = parser.parse_args(arguments)
    with TemporaryDirectory() as folder, (Path(folder) / "operator.log").open("w") as log:
        configure("INFO", log)
        with Mail.running(Path(folder), told.n) as mail:
            fleet = Fleet(told.n, mail.port, mail.bundle)
            bound_tls_buffers()
            freeze_heap()
            found = asyncio.run(measured(fleet, told.turns, told.each))
    print("\n".join(lines(found)))
    return 0


async def measured(fleet: Fleet, turns: int, each: int) -> list[Turn]:
    """Make checks and bare logins in turns, after some checks that are not timed."""
    tls = ssl.create_default_context(cafile=fleet.bundle)
    following = count()

    async def check() -> None:
        await fleet.check([next(following) % fleet.size for _ in range(each)])

    async def bare() -> None:
        users = [address(next(following) % fleet.size) for _ in range(each)]
        await timed([lambda user=user: log_in(fleet.port, tls, user) for user in users])  # type: ignore[misc]

    await check()
    found = [Turn(await cost(check) / each, await cost(bare) / each) for _ in range(turns)]
    if fleet.failed:
        raise RuntimeError(f"{fleet.failed} checks failed")
    return found


async def cost(act: Callable[[], Awaitable[None]]) -> float:
    """Return the processor time of this process that something takes, in milliseconds."""
    began = time.process_time()
    await act()
    return MS * (time.process_time() - began)


def lines(found: Sequence[Turn]) -> Iterator[str]:
    """Write what was found: medians, and the quartiles of the ratio."""
    check = statistics.median(each.check for each in found)
    bare = statistics.median(each.bare for each in found)
    low, middle, high = statistics.quantiles((each.ratio for each in found), n=4)
    yield f"a check       {check:.2f} ms of processor time"
    yield f"a bare login  {bare:.2f} ms"
    yield f"ratio         {middle:.2f} (quartiles {low:.2f} and {high:.2f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
