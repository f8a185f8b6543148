"""What the schedule tells of itself."""

from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.machine.machine import Conclusion
from mailbox_operator.schedule.lines import Lane
from unit.make import key
from unit.schedule.tower import Tower, runner_for, running, until

JANE: Final = key("jane")


@dataclass
class Ledger:
    """Writes down what it is told."""

    adds: int = 0
    waits: list[float] = field(default_factory=list)
    turns: list[tuple[Conclusion | None, float, bool]] = field(default_factory=list)

    def added(self) -> None:
        self.adds += 1

    def started(self, late_seconds: float) -> None:
        self.waits.append(late_seconds)

    def ended(self, conclusion: Conclusion | None, seconds: float, *, failed: bool) -> None:
        self.turns.append((conclusion, seconds, failed))


async def test_a_turn_is_told_with_its_wait_its_duration_and_what_it_came_to() -> None:
    tower, ledger = Tower(holding=True), Ledger()
    runner = runner_for(tower)
    runner.timekeeper = ledger

    runner.wake(JANE, Lane.NEW)
    tower.now += 3
    async with running(runner):
        await until(lambda: tower.names == ["jane"])
        tower.now += 2
        ages = runner.ages
        tower.land("jane")
        await until(lambda: ledger.turns == [(tower.outcome, 2, False)])

    assert (ledger.waits, ages) == ([3], [2])


async def test_a_key_is_told_each_time_it_is_put_in_line() -> None:
    tower, ledger = Tower(), Ledger()
    runner = runner_for(tower)
    runner.timekeeper = ledger

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: ledger.adds == 2)


async def test_a_bug_is_told_as_a_failure() -> None:
    tower, ledger = Tower(error=ValueError()), Ledger()
    runner = runner_for(tower)
    runner.timekeeper = ledger

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: ledger.turns == [(None, 0, True)])


async def test_a_turn_that_is_cancelled_ends_without_anything() -> None:
    tower, ledger = Tower(holding=True), Ledger()
    runner = runner_for(tower)
    runner.timekeeper = ledger

    async with running(runner):
        runner.wake(JANE, Lane.NEW)
        await until(lambda: tower.names == ["jane"])
        runner.forget(JANE)
        await until(lambda: ledger.turns == [(None, 0, False)])


async def test_only_what_is_due_counts_as_due() -> None:
    runner = runner_for(Tower())

    for number in range(3):
        runner.queue.put(key(f"box-{number}"), 10.0 * number, Lane.PERIODIC, "server")

    assert (runner.queue.due(15), len(runner.queue)) == (2, 3)
