"""The queue does what a plain search from end to end would do."""

from typing import Final

import pytest
from hypothesis import settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mailbox_operator.decide.watched import Key
from mailbox_operator.schedule.queue import Lane, Queue
from make import key

KEYS: Final = [key(str(number)) for number in range(8)]
DESTINATIONS: Final = ["Google", "Outlook", "smtp.acme.example"]
EACH: Final = 2


class Model(RuleBasedStateMachine):
    """The queue beside a plain dictionary that is searched from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Queue()
        self.waiting: dict[Key, tuple[Lane, float, int, str]] = {}
        self.flying: list[str] = []
        self.now = 0.0
        self.tickets = 0

    def is_free(self, destination: str) -> bool:
        return self.flying.count(destination) < EACH

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
            if place[1] <= self.now and self.is_free(place[3])
        }
        expected = min(ready, key=lambda key: ready[key][:3], default=None)

        place = self.queue.take(self.now, self.is_free)

        assert (place.key if place else None) == expected
        if place is not None:
            assert place.destination == self.waiting.pop(place.key)[3]
            self.flying.append(place.destination)

    @precondition(lambda self: self.flying)
    @rule()
    def land(self) -> None:
        self.queue.release(self.flying.pop(0))

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
TestModel.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
