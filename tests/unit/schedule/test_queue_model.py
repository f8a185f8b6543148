"""The queue finds whatever a plain search from end to end would find."""

from typing import Final

import pytest
from hypothesis import settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lab.examples import examples
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.schedule.limits import Slots
from mailbox_operator.schedule.lines import Lane
from mailbox_operator.schedule.queue import Queue

KEYS: Final = [
    Key(Kind.MAILBOX, tenant, str(number)) for tenant in ("acme", "globex") for number in range(5)
]
DESTINATIONS: Final = ["Google", "Outlook", "smtp.acme.example"]
Waiting = tuple[Lane, float, int, str]


class Model(RuleBasedStateMachine):
    """The queue beside a plain dictionary that is searched from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Queue()
        self.slots = Slots(total=6, each=3)
        self.waiting: dict[Key, Waiting] = {}
        self.flying: list[tuple[str, str, bool]] = []
        self.now = 0.0
        self.tickets = 0

    def may_start(self, tenant: str, lane: Lane, destination: str) -> bool:
        may = lane is not Lane.PERIODIC or self.slots.has_leeway
        return may and self.slots.admits(tenant) and self.slots.is_free(destination)

    @rule(
        key=some.sampled_from(KEYS),
        rest=some.sampled_from([0.0, 0.0, 1.0, 5.0]),
        lane=some.sampled_from(Lane),
        destination=some.sampled_from(DESTINATIONS),
    )
    def put(self, key: Key, rest: float, lane: Lane, destination: str) -> None:
        self.tickets += 1
        self.queue.put(key, self.now + rest, lane, destination)
        self.waiting[key] = (lane, self.now + rest, self.tickets, destination)

    @rule(key=some.sampled_from(KEYS))
    def remove(self, key: Key) -> None:
        self.queue.remove(key)
        self.waiting.pop(key, None)

    @rule(seconds=some.sampled_from([0.5, 1.0, 5.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        ready = {
            key: place
            for key, place in self.waiting.items()
            if place[1] <= self.now and self.may_start(key.namespace, place[0], place[3])
        }

        place = self.queue.take(self.now, self.slots)

        assert (place is not None) == bool(ready)
        if place is not None:
            own = {key: each for key, each in ready.items() if key.namespace == place.tenant}
            assert place.key == min(own, key=lambda key: own[key][:3])
            del self.waiting[place.key]
            self.flying.append((place.tenant, place.destination, place.is_periodic))
            self.slots.take(place.tenant, place.destination, is_periodic=place.is_periodic)

    @precondition(lambda self: self.flying)
    @rule(which=some.integers(0, 5))
    def land(self, which: int) -> None:
        tenant, destination, is_periodic = self.flying.pop(which % len(self.flying))
        self.slots.give_back(tenant, destination, is_periodic=is_periodic)
        self.queue.release(destination, self.slots)

    @rule(late_seconds=some.sampled_from([0.0, 1.0]), looks=some.integers(1, 8))
    def the_loop_is_looked_at(self, late_seconds: float, looks: int) -> None:
        for _ in range(looks):
            self.slots.leeway.observe(late_seconds)

    @invariant()
    def as_many_wait_as_should(self) -> None:
        assert len(self.queue) == len(self.waiting)

    @invariant()
    def the_next_time_is_known(self) -> None:
        later = [due for _, due, _, _ in self.waiting.values() if due > self.now]
        wait = self.queue.wait(self.now)
        if later and wait:
            assert wait == pytest.approx(min(later) - self.now)
        assert wait is not None or not later


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=examples(300), stateful_step_count=50, deadline=None)
