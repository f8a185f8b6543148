"""How long a scrape takes, and how long it keeps the operator from anything else."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from mailbox_operator.report.metrics.expositions import KEPT_SECONDS, REST
from tools.bench.processes import Measured

TIMES: Final = 5


async def measured(operator: Measured, when: str) -> dict[str, float]:
    """Scrape a few times, and ask something short all the while: it waits where the loop stalls.

    Each scrape waits until the exposition of the last one is no longer handed out.

    Args:
        operator: Whose metrics.
        when: Ends the names of the figures.
    """
    waits = list[float]()
    asking = asyncio.create_task(_ask(operator, waits.append))
    took = sorted([await _scrape(operator) for _ in range(TIMES)])
    asking.cancel()
    await asyncio.wait([asking])
    return {
        f"scrape_seconds_{when}": took[TIMES // 2],
        f"scrape_stall_seconds_{when}": max(waits),
    }


async def lines(operator: Measured) -> float:
    """Count the samples of a scrape."""
    _, text = await operator.get("/metrics")
    return sum(not line.startswith("#") for line in text.splitlines())


async def _scrape(operator: Measured) -> float:
    began = time.monotonic()
    await operator.scrape_packed()
    took = time.monotonic() - began
    await asyncio.sleep(max(KEPT_SECONDS, REST * took))
    return took


async def _ask(operator: Measured, note: Callable[[float], None]) -> None:
    while True:
        began = time.monotonic()
        await operator.get("/readyz")
        note(time.monotonic() - began)
