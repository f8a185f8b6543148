"""The schedule over weeks: every mailbox has a turn ahead, whatever its attempts come to."""

import asyncio
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final

from hypothesis import Phase, settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lab.examples import examples
from lab.virtual_time import VirtualLoop
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.machine.machine import Conclusion
from mailbox_operator.decide.words import Kind
from mailbox_operator.schedule.limits import Bucket, Distances, Slots
from mailbox_operator.schedule.lines import FEW, Lane
from mailbox_operator.schedule.runner import AFTER_A_BUG_SECONDS, AFTER_NOTHING_SECONDS, Runner
from unit.schedule.tower import conclusion

TENANTS: Final = ("acme", "evil", "globex")
KEYS: Final = [Key(Kind.MAILBOX, tenant, f"{n}") for tenant in TENANTS for n in range(4)]
ONE: Final = some.sampled_from(KEYS)
MINUTE: Final = 60.0
HOUR: Final = 3600.0
INTERVAL: Final = HOUR
STUCK_SECONDS: Final = 60.0
"""What the longest attempt takes."""
SLACK_SECONDS: Final = 2 * MINUTE + STUCK_SECONDS
TOTAL, EACH = 4, 2
DISTANCES: Final = (30.0, 5)

GOOD: Final = conclusion(timedelta(seconds=INTERVAL))
OUTCOMES: Final[tuple[Conclusion | None, ...]] = (
    GOOD,
    conclusion(timedelta(minutes=5), Retry.BACKOFF),
    conclusion(timedelta(hours=1), Retry.PERSON),
    conclusion(timedelta(hours=6), Retry.DEPENDENCY),
    None,
)
LONGEST: Final = max(6 * HOUR, AFTER_NOTHING_SECONDS, AFTER_A_BUG_SECONDS)


class Weeks(RuleBasedStateMachine):
    """A schedule at work on a loop whose clock leaps; it runs a minute for each second of the loop."""

    @initialize()
    def begins(self) -> None:
        self.loop = VirtualLoop()
        self.loop.set_exception_handler(lambda *_: None)
        self.there = dict.fromkeys(KEYS, 0.0)
        self.outcomes = dict[Key, Conclusion | None](dict.fromkeys(KEYS, GOOD))
        self.broken, self.stuck = set[Key](), set[Key]()
        self.air, self.most = Counter[str](), Counter[str]()
        self.begun = defaultdict[Key, list[float]](list)
        self.asked = defaultdict[Key, list[float]](list)
        self.quiet_since = dict.fromkeys(KEYS, 0.0)
        self.slots = Slots(TOTAL, EACH)
        self.runner = Runner(
            self._work,
            self._destination,
            self._now,
            self.slots,
            Bucket(1.0, 5.0),
            distances=Distances(*DISTANCES),
        )
        self.task = self.loop.create_task(self.runner.run())
        for key in KEYS:
            self.runner.plan(key, timedelta(seconds=INTERVAL), Lane.PERIODIC)

    @rule(seconds=some.sampled_from([1.0, MINUTE, HOUR, 24 * HOUR, 7 * 24 * HOUR]))
    def time_passes(self, seconds: float) -> None:
        self._run(asyncio.sleep(seconds / MINUTE))

    @rule(key=ONE, outcome=some.sampled_from(OUTCOMES))
    def the_world_changes(self, key: Key, outcome: Conclusion | None) -> None:
        self.outcomes[key] = outcome
        self.quiet_since[key] = self._now()

    @rule(key=ONE, times=some.integers(1, 40))
    def somebody_writes_it_again_and_again(self, key: Key, times: int) -> None:
        for _ in range(times):
            if key in self.there:
                self.runner.wake(key, Lane.CHANGED)
            self._run(asyncio.sleep(1 / MINUTE))

    @rule(key=ONE)
    def it_is_deleted(self, key: Key) -> None:
        self.there.pop(key, None)
        self.runner.forget(key)

    @rule(key=ONE)
    def it_is_created(self, key: Key) -> None:
        if key not in self.there:
            self.there[key] = self.quiet_since[key] = self._now()
            self.runner.wake(key, Lane.NEW)

    @rule(key=ONE)
    def its_attempts_meet_a_bug_or_do_not(self, key: Key) -> None:
        self.broken ^= {key}
        self.quiet_since[key] = self._now()

    @rule(key=ONE)
    def its_attempts_take_long_or_do_not(self, key: Key) -> None:
        self.stuck ^= {key}

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.task.cancel()
            self.loop.run_until_complete(asyncio.wait([self.task]))
            self.loop.close()
            assert not self.air.total()

    @invariant()
    def every_mailbox_has_a_turn_ahead(self) -> None:
        for key in self.there:
            assert key in self.runner._flights or key in self.runner.queue._places  # noqa: SLF001

    @invariant()
    def nobody_is_late(self) -> None:
        assert self.runner.queue.overdue(self._now()) <= SLACK_SECONDS

    @invariant()
    def what_is_left_alone_is_looked_at_again(self) -> None:
        for key in self.there:
            if self._now() - self.quiet_since[key] > 2 * LONGEST + SLACK_SECONDS:
                assert self._now() - self.begun[key][-1] <= LONGEST + SLACK_SECONDS

    @invariant()
    def the_limits_hold(self) -> None:
        assert self.most["all"] <= TOTAL
        assert all(self.most[str(key)] <= 1 for key in KEYS)
        assert all(self.most[f"at {number}"] <= EACH for number in range(4))
        assert all(self.most[f"of {tenant}"] <= TOTAL // 2 for tenant in TENANTS)

    @invariant()
    def changes_ask_for_a_few_attempts_only(self) -> None:
        seconds, burst = DISTANCES
        for asked in self.asked.values():
            for start in asked[-40:]:
                count = len(asked) - bisect_left(asked, start)
                assert count <= burst + 1 + (asked[-1] - start) / seconds

    @invariant()
    def nothing_piles_up(self) -> None:
        lines = 1 + len(TENANTS) + 4 * len(TENANTS)
        assert self.runner.queue.size <= 2 * len(KEYS) + FEW * lines
        assert len(self.runner.distances) <= len(KEYS)

    async def _work(self, key: Key, due: bool) -> Conclusion | None:  # noqa: FBT001 - Runner's word
        (self.begun if due else self.asked)[key].append(self._now())
        self.begun[key].append(self._now())
        names = ("all", str(key), f"at {key.name}", f"of {key.namespace}")
        self.air.update(names)
        self.most |= self.air
        try:
            await asyncio.sleep(STUCK_SECONDS / MINUTE if key in self.stuck else 0)
        finally:
            self.air.subtract(names)
        if key in self.broken:
            raise ZeroDivisionError
        return self.outcomes[key]

    def _destination(self, key: Key) -> str | None:
        return key.name if key in self.there else None

    def _now(self) -> float:
        return self.loop.time() * MINUTE

    def _run(self, doing: Coroutine[Any, Any, Any]) -> None:
        self.loop.run_until_complete(doing)
        assert not self.task.done(), self.task


TestWeeks = Weeks.TestCase
TestWeeks.settings = settings(
    max_examples=examples(8),
    stateful_step_count=15,
    deadline=None,
    phases=set(Phase) - {Phase.shrink},  # a week costs a second
)
