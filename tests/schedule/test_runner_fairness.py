"""Who goes first, and how many go at once."""

import asyncio
from datetime import timedelta
from typing import Final

from mailbox_operator.schedule.limits import Bucket, Slots
from mailbox_operator.schedule.queue import Lane
from make import key
from schedule.tower import Tower, runner_for, running, until

JANE: Final = key("jane")
NOW: Final = timedelta()
HOUR: Final = timedelta(hours=1)


async def test_waking_again_loses_no_place_in_line() -> None:
    tower = Tower()
    runner = runner_for(tower, Slots(1, 1))
    runner.wake(key("a"), Lane.CHANGED)
    runner.wake(key("b"), Lane.CHANGED)

    tower.now += 1
    runner.wake(key("a"), Lane.CHANGED)
    runner.wake(key("a"), Lane.NEW)
    async with running(runner):
        await until(lambda: len(tower.started) == 2)

    assert tower.names == ["a", "b"]


async def test_the_limits_hold() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower, Slots(total=5, each=2))
    names = [f"{place}-{number}" for place in "abcd" for number in range(5)]

    async with running(runner):
        for name in names:
            runner.wake(key(name), Lane.NEW)
        await until(lambda: runner.in_flight == 5)
        tower.holding = False
        for name in list(tower.names):
            tower.land(name)
        await until(lambda: len(tower.started) == len(names))

    assert sorted(tower.names) == names
    assert tower.most.pop("") == 5
    assert max(tower.most.values()) == 2


async def test_a_slow_server_holds_nobody_else_up() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower, Slots(total=10, each=2))

    async with running(runner):
        for number in range(20):
            runner.wake(key(f"slow-{number}"), Lane.CHANGED)
        await until(lambda: runner.in_flight == 2)
        runner.wake(key("quick-1"), Lane.PERIODIC)
        await until(lambda: "quick-1" in tower.names)

    assert tower.most["slow"] == 2


async def test_attempts_start_no_faster_than_the_bucket_fills() -> None:
    tower = Tower()
    loop = asyncio.get_running_loop()
    runner = runner_for(tower, bucket=Bucket(rate=100, burst=2))
    runner.monotonic = loop.time
    began = loop.time()

    async with running(runner):
        for number in range(12):
            runner.wake(key(str(number)), Lane.NEW)
        await until(lambda: len(tower.started) == 12)

    assert loop.time() - began >= 0.1


async def test_a_new_key_goes_before_a_thousand_that_are_merely_due() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower, Slots(total=1, each=1))
    for number in range(1000):
        runner.plan(key(f"old-{number}"), NOW, Lane.PERIODIC)

    async with running(runner):
        await until(lambda: runner.in_flight == 1)
        runner.wake(key("new"), Lane.NEW)
        tower.land(tower.names[0])
        await until(lambda: len(tower.started) == 2)

    assert tower.names[1] == "new"
