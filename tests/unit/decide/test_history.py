"""Whatever happens to a mailbox, in whatever order, its status keeps to the rules."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lab.examples import examples
from mailbox_operator.decide.declared.deliveries import Deliveries
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.spec import CHECK_INTERVAL
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import HEALTHY, Reason, Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.deliveries import is_limit_news, limit_met
from mailbox_operator.decide.machine.machine import Proof, conclude, decide
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.machine.steps import Hold, Probe, Rest, Spare
from mailbox_operator.decide.status.conditions import Standing, Status
from unit.decide.condition_rules import broken_rules, jumps
from unit.make import ENDPOINT, NOON, infrastructure, mailbox, spec

PASSING = {Retry.BACKOFF, Retry.SLOWLY, Retry.HOURLY}
REASONS = [each for each in Reason if each not in {*HEALTHY, Reason.PROGRESSING}]
FAULTS = some.builds(Fault, some.sampled_from(REASONS), certain=some.booleans())
OUTCOMES = some.just(Proof(ENDPOINT, "1077")) | FAULTS


class History(RuleBasedStateMachine):
    """One object, its people, its operator and the world."""

    @initialize(subject=some.sampled_from([mailbox(), infrastructure()]))
    def begins(self, subject: Subject) -> None:
        self.now = NOON
        self.seen = Seen(subject, Status(), "v1")

    @rule(minutes=some.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def somebody_edits_the_spec(self) -> None:
        subject = self.seen.subject
        self._becomes(replace(subject, generation=subject.generation + 1))

    @rule(version=some.sampled_from(["v1", "v2", "v3"]))
    def somebody_changes_the_secret(self, version: str) -> None:
        self.seen = replace(self.seen, version=version)

    @rule(request=some.sampled_from(["", "a", "b"]))
    def somebody_asks_for_an_attempt(self, request: str) -> None:
        self._becomes(replace(self.seen.subject, reconnect=request))

    @precondition(lambda self: isinstance(self.seen.subject, ReadableMailbox))
    @rule()
    def somebody_suspends_or_resumes(self) -> None:
        subject = self.seen.subject
        assert isinstance(subject, ReadableMailbox)
        asked, generation = spec(suspend=not subject.suspended), subject.generation + 1
        self._becomes(replace(subject, spec=asked, generation=generation))

    @rule(sent=some.booleans())
    def a_gateway_notes_what_a_message_met(self, sent: bool) -> None:  # noqa: FBT001 - drawn by name
        news = Deliveries(sent=self.now) if sent else Deliveries(limited=self.now)
        subject = replace(self.seen.subject, deliveries=news)
        self.seen = replace(self.seen, subject=subject)

    @rule()
    def the_operator_restarts(self) -> None:
        self.seen = replace(self.seen, known=Known())

    @rule(outcome=OUTCOMES, due=some.booleans(), jitter=some.floats(0, 1), shown=some.booleans())
    def the_operator_looks(
        self,
        outcome: Proof | Fault,
        due: bool,  # noqa: FBT001 - drawn by name
        jitter: float,
        shown: bool,  # noqa: FBT001 - drawn by name
    ) -> None:
        step = decide(self.seen, self.now, due=due)
        match step:
            case Hold(status):
                self._write(status)
            case Probe(announcement):
                if shown:
                    self._write(announcement)
                met = limit_met(self.seen.subject, self.now)
                self._attempt(met or outcome, jitter)
            case Spare(pause):
                assert due
                assert self._is_news_of_mail(pause)
            case Rest():
                assert not due or self.seen.subject.suspended

    def _is_news_of_mail(self, pause: timedelta) -> bool:
        """Mail went through it since it was checked, and neither is long ago."""
        sent, checked = self.seen.subject.deliveries.sent, self.seen.known.connected
        assert sent is not None
        assert checked is not None
        is_recent = sent <= self.now < min(sent + CHECK_INTERVAL, checked + timedelta(days=1))
        return is_recent and timedelta() < pause <= CHECK_INTERVAL

    def _attempt(self, outcome: Proof | Fault, jitter: float) -> None:
        is_claimed = isinstance(outcome, Fault) and outcome.reason is Reason.ALREADY_CLAIMED
        before = self.seen = replace(self.seen, held_by_another=is_claimed)
        conclusion = conclude(before, outcome, self.now, Pace(), jitter)
        self._write(conclusion.status)
        self.seen = replace(self.seen, known=conclusion.known)
        assert conclusion.pause > timedelta()
        assert self.seen.status.last_handled_reconnect_at == self.seen.subject.reconnect
        assert self.seen.status.secret_version == self.seen.version
        assert isinstance(decide(self.seen, self.now, due=False), Rest)
        self._keeps_its_word(before, outcome)

    def _keeps_its_word(self, before: Seen, outcome: Proof | Fault) -> None:
        """A passing trouble takes no verdict away; one blip does not lose a healthy mailbox."""
        if is_limit_news(before, self.now):
            return
        was, status = before.status.standing, self.seen.status
        passes = isinstance(outcome, Fault) and RULES[outcome.reason].retry in PASSING
        if not before.is_judged or before.is_freed or not passes:
            return
        if was in (Standing.STALLED, Standing.WAITING):
            assert status.conditions == before.status.conditions
        if was is Standing.CONNECTED and before.known.failures == 0:
            assert status.standing is Standing.CONNECTED

    def _becomes(self, subject: Subject) -> None:
        self.seen = replace(self.seen, subject=subject)

    def _write(self, status: Status) -> None:
        before = self.seen.status
        self.now += timedelta(seconds=1)
        assert jumps(before, status) == []
        self.seen = replace(self.seen, status=status)
        subject = self.seen.subject
        suspended = subject.suspended
        assert broken_rules(status, subject.generation, suspended=suspended) == []

    @invariant()
    def the_status_is_on_nothing_that_is_not_there(self) -> None:
        assert self.seen.status.observed_generation <= self.seen.subject.generation


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=examples(200), stateful_step_count=30, deadline=None)
