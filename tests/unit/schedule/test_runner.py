import asyncio
from datetime import timedelta
from typing import Any, Final

from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.schedule.lines import Lane
from mailbox_operator.schedule.runner import AFTER_A_BUG_SECONDS, AFTER_NOTHING_SECONDS
from unit.make import key
from unit.schedule.tower import Tower, conclusion, runner_for, running, until

JANE: Final = key("jane")
NOW: Final = timedelta()
HOUR: Final = timedelta(hours=1)


async def test_a_key_that_is_woken_is_looked_at_once() -> None:
    tower = Tower()
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: tower.started == [("jane", False)])


async def test_a_turn_comes_when_it_is_due() -> None:
    tower = Tower()
    runner = runner_for(tower)

    async with running(runner):
        runner.plan(JANE, NOW, Lane.PERIODIC)
        await until(lambda: tower.started == [("jane", True)])


async def test_the_next_turn_comes_after_the_pause() -> None:
    tower = Tower(outcome=conclusion(HOUR, Retry.BACKOFF))
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: runner.queue.wait(tower.now) == 3600)
        tower.now += 3600
        runner.wake(key("other"), Lane.NEW)
        await until(lambda: ("jane", True) in tower.started)


async def test_there_is_one_flight_at_a_time_and_one_more_for_whatever_came_meanwhile() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: tower.names == ["jane"])
        for _ in range(3):
            runner.wake(JANE, Lane.CHANGED)
        runner.plan(JANE, NOW, Lane.PERIODIC)
        tower.land("jane")
        await until(lambda: tower.names == ["jane", "jane"])
        tower.land("jane")
        await until(lambda: not runner.in_flight)

    assert tower.names == ["jane", "jane"]
    assert tower.most["jane"] == 1


async def test_a_turn_that_is_set_in_flight_is_kept_for_later() -> None:
    tower = Tower(holding=True, outcome=None)
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: runner.in_flight == 1)
        runner.plan(JANE, HOUR, Lane.PERIODIC)
        assert len(runner.queue) == 0
        tower.land("jane")
        await until(lambda: runner.queue.wait(tower.now) == 3600)


async def test_a_look_that_finds_nothing_leaves_the_turn_as_it_is() -> None:
    tower = Tower(outcome=None)
    runner = runner_for(tower)
    runner.plan(JANE, HOUR, Lane.PERIODIC)

    async with running(runner):
        tower.now += 60
        runner.wake(JANE, Lane.CHANGED)
        await until(lambda: tower.started == [("jane", False)] and not runner.in_flight)

    assert runner.queue.wait(tower.now) == 3540


async def test_a_turn_with_nothing_to_do_does_not_come_again_at_once() -> None:
    tower = Tower(outcome=None)
    runner = runner_for(tower)

    async with running(runner):
        runner.plan(JANE, NOW, Lane.PERIODIC)
        await until(lambda: runner.queue.wait(tower.now) == AFTER_NOTHING_SECONDS)

    assert tower.started == [("jane", True)]


async def test_a_key_that_is_forgotten_is_not_looked_at() -> None:
    tower = Tower()
    runner = runner_for(tower)
    runner.plan(JANE, NOW, Lane.PERIODIC)

    runner.forget(JANE)
    async with running(runner):
        runner.wake(key("last"), Lane.PERIODIC)
        await until(lambda: tower.names == ["last"])

    assert tower.names == ["last"]


async def test_forgetting_ends_a_flight() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: runner.in_flight == 1)
        runner.wake(JANE, Lane.CHANGED)
        runner.forget(JANE)
        await until(lambda: not runner.in_flight)

    assert (tower.cancelled, tower.names, len(runner.queue)) == (["jane"], ["jane"], 0)


async def test_a_key_that_comes_back_while_it_is_forgotten_is_looked_at() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: runner.in_flight == 1)
        runner.forget(JANE)
        runner.wake(JANE, Lane.NEW)
        await until(lambda: tower.names == ["jane", "jane"])


async def test_a_key_that_is_gone_is_not_put_into_line() -> None:
    tower = Tower(gone={"jane"})
    runner = runner_for(tower)

    runner.wake(JANE, Lane.NEW)
    runner.plan(JANE, NOW, Lane.NEW)

    assert len(runner.queue) == 0


async def test_a_bug_is_reported_and_the_key_stays_in_line() -> None:
    tower, reports = Tower(error=ZeroDivisionError()), list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: runner.queue.wait(tower.now) == AFTER_A_BUG_SECONDS)
        tower.error, tower.now = None, tower.now + AFTER_A_BUG_SECONDS
        await until(lambda: tower.started == [("jane", False), ("jane", True)])

    assert [type(report["exception"]) for report in reports] == [ZeroDivisionError]


async def test_a_bug_in_a_key_that_is_gone_leaves_nothing_behind() -> None:
    tower = Tower(error=ZeroDivisionError(), holding=True)
    asyncio.get_running_loop().set_exception_handler(lambda _, context: None)
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: runner.in_flight == 1)
        tower.gone.add("jane")
        tower.land("jane")
        await until(lambda: not runner.in_flight)

    assert len(runner.queue) == 0


async def test_the_end_ends_every_flight() -> None:
    tower = Tower(holding=True)
    runner = runner_for(tower)

    async with running(runner):
        for number in range(3):
            runner.wake(key(str(number)), Lane.NEW)
        await until(lambda: runner.in_flight == 3)

    assert sorted(tower.cancelled) == ["0", "1", "2"]
    assert runner.in_flight == 0


async def test_the_beat_tells_that_the_loop_turns() -> None:
    tower = Tower()
    runner = runner_for(tower)
    assert runner.beat == 0

    async with running(runner):
        await until(lambda: runner.beat == tower.now)


async def test_a_turn_that_is_hastened_comes_now_as_a_regular_one() -> None:
    tower = Tower()
    runner = runner_for(tower)
    runner.plan(JANE, HOUR, Lane.PERIODIC)

    async with running(runner):
        runner.hasten(JANE)
        await until(lambda: tower.started == [("jane", True)])


async def test_turns_that_are_hastened_again_and_again_keep_the_distance_of_changes() -> None:
    tower = Tower(outcome=conclusion(HOUR, Retry.INTERVAL))
    runner = runner_for(tower)

    async with running(runner):
        for times in range(1, runner.distances.burst + 1):
            runner.hasten(JANE)
            await until(lambda: len(tower.started) == times and not runner.in_flight)  # noqa: B023
        runner.hasten(JANE)

        assert runner.queue.wait(tower.now) == runner.distances.seconds


async def test_a_turn_that_is_hastened_during_an_attempt_is_that_attempt() -> None:
    tower = Tower(holding=True, outcome=conclusion(HOUR, Retry.INTERVAL))
    runner = runner_for(tower)

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: runner.in_flight == 1)
        runner.hasten(JANE)
        tower.land("jane")
        await until(lambda: runner.queue.wait(tower.now) == 3600)

    assert tower.names == ["jane"]
