"""The loop's lateness is measured by how late a short sleep ends."""

import asyncio
import contextlib

import pytest

from lab.stand.exposition import samples
from mailbox_operator.report.metrics.lag import PERIOD_SECONDS, LoopLag
from mailbox_operator.report.metrics.metrics import Metrics


class Clock:
    """A clock whose sleeps take longer than they should, by so much each."""

    def __init__(self, *late: float) -> None:
        self.now = 1000.0
        self.late = list(late)

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if not self.late:
            raise asyncio.CancelledError
        self.now += seconds + self.late.pop(0)


async def lags(*late: float) -> list[float]:
    clock, told = Clock(*late), list[float]()
    with contextlib.suppress(asyncio.CancelledError):
        await LoopLag(told.append, clock.monotonic, clock.sleep).run()
    return told


async def test_each_look_tells_how_late_the_loop_was() -> None:
    assert await lags(0, 0.25, 3) == pytest.approx([0, 0.25, 3])


async def test_a_sleep_that_is_short_by_the_clocks_grain_is_not_late() -> None:
    assert await lags(-0.001) == [0]


async def test_a_loop_that_is_held_is_found_late() -> None:
    metrics = Metrics()
    looking = asyncio.create_task(LoopLag(metrics.loop_lag.observe).run())
    await asyncio.sleep(PERIOD_SECONDS / 2)

    until = asyncio.get_running_loop().time() + 10 * PERIOD_SECONDS
    while asyncio.get_running_loop().time() < until:
        pass
    await asyncio.sleep(0.01)
    looking.cancel()

    body, _ = await metrics.exposition("", zipped=False)
    found = samples(body.decode(), "mailbox_operator_loop_lag_seconds_sum")
    assert found[0].value > 5 * PERIOD_SECONDS
