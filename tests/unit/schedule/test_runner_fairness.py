"""Who goes first, and how many go at once."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.words import Kind
from mailbox_operator.schedule.limits import Bucket, Distances, Slots
from mailbox_operator.schedule.lines import Lane
from unit.make import key
from unit.schedule.tower import Tower, conclusion, runner_for, running, until

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
    runner = runner_for(tower, Slots(total=9, each=2))
    names = [f"{place}-{number}" for place in "abcd" for number in range(5)]

    async with running(runner):
        for name in names:
            runner.wake(key(name), Lane.NEW)
        await until(lambda: runner.in_flight == 5)  # of nine, for one tenant alone
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


async def test_a_tenant_at_a_silent_server_leaves_slots_to_the_others() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower, Slots(total=10, each=10))

    async with running(runner):
        for number in range(20):
            runner.wake(Key(Kind.MAILBOX, "evil", f"{number}-silent"), Lane.CHANGED)
        await until(lambda: runner.in_flight == 5)
        tower.holding = False
        for number in range(50):
            runner.wake(key(f"good-{number}"), Lane.PERIODIC)
        await until(lambda: sum(name.startswith("good") for name in tower.names) == 50)

    assert len(tower.cancelled) == 5


async def test_changes_of_one_tenant_do_not_hold_up_the_regular_turns_of_another() -> None:
    tower = Tower()
    runner = runner_for(tower, bucket=Bucket(rate=1, burst=10))
    for number in range(50):
        runner.wake(Key(Kind.MAILBOX, "evil", f"evil-{number}"), Lane.CHANGED)
    for number in range(5):
        runner.plan(key(f"good-{number}"), NOW, Lane.PERIODIC)

    async with running(runner):
        await until(lambda: len(tower.started) == 10)

    assert sum(name.startswith("good") for name in tower.names) == 5


async def test_a_key_that_changes_all_the_time_is_looked_at_now_and_then() -> None:
    tower = Tower(outcome=conclusion(HOUR))
    runner = runner_for(tower)
    runner.distances = Distances(seconds=30, burst=3)

    def flown(times: int) -> bool:
        return len(tower.started) >= times

    async with running(runner):
        for second in range(120):
            runner.wake(JANE, Lane.CHANGED)
            wanted = min(second + 1, 3 + second // 30)
            await until(partial(flown, wanted))
            tower.now += 1

    assert len(tower.started) == 6


async def test_a_change_begins_no_backoff_that_is_shorter_than_its_distance() -> None:
    tower = Tower(outcome=conclusion(timedelta(seconds=1), Retry.BACKOFF))
    runner = runner_for(tower)
    runner.distances = Distances(seconds=30, burst=1)

    async with running(runner):
        runner.wake(JANE, Lane.CHANGED)
        await until(lambda: bool(tower.started) and not runner.in_flight)

    assert runner.queue.wait(tower.now) == 30


async def test_a_look_that_is_not_needed_takes_no_token_and_loses_no_turn() -> None:
    tower = Tower()
    runner = runner_for(tower, bucket=Bucket(rate=0.001, burst=1))
    runner.is_needed = lambda woken: woken.name == "needed"
    runner.plan(JANE, HOUR, Lane.PERIODIC)

    async with running(runner):
        runner.wake(JANE, Lane.CHANGED)
        await until(lambda: runner.queue.wait(tower.now) == HOUR.total_seconds())
        runner.wake(key("needed"), Lane.CHANGED)
        await until(lambda: tower.names == ["needed"])


async def test_a_status_that_is_not_written_holds_no_slot_and_no_second_attempt_begins() -> None:
    tower, written = Tower(), asyncio.Event()

    async def shown(_: Key) -> None:
        await written.wait()

    runner = runner_for(tower, Slots(total=1, each=1))
    runner.shown = shown

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        runner.wake(key("john"), Lane.NEW)
        await until(lambda: sorted(tower.names) == ["jane", "john"])
        runner.wake(JANE, Lane.CHANGED)
        assert (runner.in_flight, runner.ages) == (2, [])
        written.set()
        await until(lambda: tower.names.count("jane") == 2)


async def test_no_more_attempts_begin_than_may_wait_for_their_statuses() -> None:
    tower, written = Tower(), asyncio.Event()

    async def shown(key: Key) -> None:
        if key.namespace == JANE.namespace:
            await written.wait()

    runner = runner_for(tower, Slots(total=10, each=10))
    runner.shown = shown

    async with running(runner):
        for number in range(100):
            runner.wake(key(f"jane-{number}"), Lane.NEW)
        await until(lambda: runner.in_flight == 15)
        runner.wake(Key(Kind.MAILBOX, "other", "john"), Lane.NEW)
        await until(lambda: "john" in tower.names)
        assert len(tower.names) == 16
        written.set()
        await until(lambda: len(tower.names) == 101)


async def test_a_late_loop_holds_back_what_is_periodic_and_nothing_new() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower, Slots(total=10, each=10))
    for _ in range(20):
        runner.slots.leeway.observe(1.0)
    for name in ("old-1", "old-2", "old-3"):
        runner.plan(key(name), timedelta(), Lane.PERIODIC)

    async with running(runner):
        await until(lambda: tower.names == ["old-1"])
        runner.wake(key("new"), Lane.NEW)
        await until(lambda: tower.names == ["old-1", "new"])
        tower.land("old-1")
        await until(lambda: tower.names == ["old-1", "new", "old-2"])
