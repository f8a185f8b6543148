"""One mailbox over weeks: its turns come, and not too often, whatever the world does meanwhile."""

from bisect import bisect_left
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from hypothesis import settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lab.examples import examples
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import HEALTHY, Reason, Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.backoff import Pace, longest_pause
from mailbox_operator.decide.machine.machine import Proof, conclude, decide, resume
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.machine.steps import Probe
from mailbox_operator.decide.status.conditions import Standing, Status
from unit.make import ENDPOINT, NOON, mailbox, spec

PACE: Final = Pace()
INTERVAL: Final = timedelta(minutes=10)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
TOLERANCE: Final = timedelta(microseconds=1)
MOST_AN_HOUR: Final = 48
"""Of what passes by itself: six draws of the backoff, then one each 90 seconds with the worst luck."""
MOST_A_DAY: Final = 6
"""Of what a person has to do: at once, after an hour, then every six hours."""

REASONS: Final = [each for each in Reason if each not in {*HEALTHY, Reason.PROGRESSING}]
WAITS: Final = some.none() | some.timedeltas(timedelta(seconds=1), timedelta(hours=2))
FAULTS: Final = some.builds(Fault, some.sampled_from(REASONS), retry_after=WAITS)
WORLDS: Final = some.just(Proof(ENDPOINT, "1077")) | FAULTS
LUCK: Final = some.sampled_from([0.0, 0.1, 0.5, 1.0])


class Weeks(RuleBasedStateMachine):
    """The decisions about one mailbox, at the times that they ask for themselves.

    Nobody changes spec or Secret here: `test_history` has people in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = self.due = NOON
        self.seen = Seen(mailbox(spec(check_interval=INTERVAL)), Status(), "v1")
        self.world: Proof | Fault = Proof(ENDPOINT, "1077")
        self.jitter = 0.5
        self.attempts: list[datetime] = []
        self.calm_since = NOON
        """Since when neither world nor operator is another one."""

    @rule(world=WORLDS, jitter=LUCK)
    def the_world_changes(self, world: Proof | Fault, jitter: float) -> None:
        self.world, self.jitter, self.calm_since = world, jitter, self.now

    @rule(length=some.sampled_from([timedelta(minutes=7), 5 * HOUR, DAY, 7 * DAY]))
    def time_passes(self, length: timedelta) -> None:
        end = self.now + length
        while self.due <= end:
            self.now = self.due
            self._attempt()
        self.now = end

    @rule(phase=some.floats(0, 1))
    def another_replica_takes_over(self, phase: float) -> None:
        self.seen = replace(self.seen, known=Known())
        rest = resume(self.seen, self.now, PACE, phase)
        self.due, self.calm_since = self.now + (rest or timedelta()), self.now

    def _attempt(self) -> None:
        assert isinstance(decide(self.seen, self.now, due=True), Probe)
        done = conclude(self.seen, self.world, self.now, PACE, self.jitter)
        self.attempts.append(self.now)
        self.due = self.now + done.pause
        self.seen = replace(self.seen, status=done.status, known=done.known)
        asked = self.world.retry_after if isinstance(self.world, Fault) else None
        longest = max(longest_pause(each, INTERVAL, PACE) for each in Standing)
        assert timedelta() < done.pause <= max(longest, (asked or timedelta()) * 1.1) + TOLERANCE

    def _since(self, moment: datetime) -> int:
        return len(self.attempts) - bisect_left(self.attempts, moment)

    @invariant()
    def no_hour_sees_more_attempts_than_the_backoff_allows(self) -> None:
        assert self._since(max(self.now - HOUR, self.calm_since)) <= MOST_AN_HOUR

    @invariant()
    def a_person_is_not_tried_for_more_often_than_every_six_hours(self) -> None:
        retry = RULES[self.world.reason].retry if isinstance(self.world, Fault) else None
        if retry is Retry.PERSON:
            assert self._since(max(self.now - DAY, self.calm_since)) <= MOST_A_DAY

    @invariant()
    def a_turn_lies_ahead(self) -> None:
        assert self.due > self.now or not self.attempts or self.due == self.calm_since

    @invariant()
    def what_works_again_is_connected_after_the_longest_pause(self) -> None:
        if isinstance(self.world, Proof) and self.now - self.calm_since > 7 * HOUR:
            assert self.seen.status.standing is Standing.CONNECTED

    @invariant()
    def what_needs_a_person_says_so_after_the_longest_pause(self) -> None:
        if isinstance(self.world, Proof) or self.now - self.calm_since <= 7 * HOUR:
            return
        if RULES[self.world.reason].retry is Retry.PERSON:
            assert self.seen.status.reason == self.world.reason


def test_short_waits_for_a_dependency_are_no_more_attempts_than_the_backoff_allows() -> None:
    """Found by the machine above: with a wait of 72 s there were 50 attempts an hour."""
    weeks = Weeks()
    weeks.the_world_changes(Fault(Reason.ALREADY_CLAIMED, retry_after=timedelta(seconds=1)), 0.0)

    weeks.time_passes(timedelta(minutes=7))

    weeks.no_hour_sees_more_attempts_than_the_backoff_allows()


TestWeeks = Weeks.TestCase
TestWeeks.settings = settings(max_examples=examples(40), stateful_step_count=12, deadline=None)
