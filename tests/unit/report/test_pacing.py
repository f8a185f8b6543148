"""A thread that computes for long lets the event loop run in between."""

from dataclasses import dataclass, field

from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.seen import Known
from mailbox_operator.report.metrics.pacing import (
    ITEMS_AT_ONCE,
    REST_SECONDS,
    WORK_SECONDS,
    Paced,
    Pacer,
)
from mailbox_operator.report.metrics.states import Snapshot, States
from unit.make import NOON, key, mailbox


@dataclass(slots=True)
class Clock:
    """A clock that goes on by so much whenever it is read, and while somebody sleeps."""

    step_seconds: float = 0.0
    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def read(self) -> float:
        self.now += self.step_seconds
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)

    def pacer(self) -> Pacer:
        return Pacer(self.read, self.sleep)


def test_a_paced_sequence_hands_out_every_item_in_order_each_time() -> None:
    paced = Paced(range(3 * ITEMS_AT_ONCE + 1), Clock().pacer())

    assert [*paced] == [*paced] == [*range(3 * ITEMS_AT_ONCE + 1)]


def test_a_thread_does_not_rest_before_it_has_worked_for_its_time() -> None:
    clock = Clock()
    pacer = clock.pacer()
    clock.now += WORK_SECONDS / 2

    pacer.give_way()

    assert clock.slept == []


def test_a_thread_rests_once_when_it_has_worked_for_its_time() -> None:
    clock = Clock()
    pacer = clock.pacer()
    clock.now += WORK_SECONDS

    pacer.give_way()
    pacer.give_way()

    assert clock.slept == [REST_SECONDS]


def test_a_thread_really_rests() -> None:
    pacer = Pacer()
    began = pacer.monotonic()

    pacer.sleep(REST_SECONDS)

    assert pacer.monotonic() - began >= REST_SECONDS


def test_a_thread_rests_while_it_counts_many_mailboxes() -> None:
    clock = Clock(step_seconds=WORK_SECONDS)
    boxes = [(mailbox(key=key(f"box-{number}")), Known()) for number in range(10 * ITEMS_AT_ONCE)]
    states = States(Snapshot(NOON, boxes), Pace(), per_mailbox=False, pacer=clock.pacer())

    written = [part for family in states.families() for part in family.written()]

    assert len(written) > 0
    assert len(clock.slept) >= 10
