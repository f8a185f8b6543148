import pytest
from hypothesis import given, strategies as some

from mailbox_operator.schedule.limits import Bucket, Distances, Slots
from unit.make import key

JANE = key("jane")


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    bucket = Bucket(rate=2, burst=3)

    waits = []
    for _ in range(4):
        waits.append(bucket.wait(now=10.0))
        bucket.take()

    assert waits == [0, 0, 0, 0.5]


@given(
    rate=some.floats(0.1, 100),
    burst=some.integers(1, 20),
    steps=some.lists(some.floats(0, 5), min_size=1, max_size=50),
)
def test_a_bucket_never_gives_more_than_it_got(rate: float, burst: int, steps: list[float]) -> None:
    bucket, now, taken = Bucket(rate, burst), 0.0, 0

    for step in steps:
        now += step
        while bucket.wait(now) == 0:
            bucket.take()
            taken += 1

    assert taken <= burst + now * rate + 1e-6


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    bucket = Bucket(rate=1, burst=1)
    bucket.wait(0.0)

    bucket.wait(1000.0)
    bucket.take()

    assert bucket.wait(1000.0) == 1


def test_a_wait_is_long_enough() -> None:
    bucket = Bucket(rate=0.3, burst=1)
    bucket.wait(0.0)
    bucket.take()

    assert bucket.wait(bucket.wait(0.0)) == pytest.approx(0)


def test_slots_are_counted_in_all_and_by_destination() -> None:
    slots = Slots(total=3, each=2)

    slots.take("acme", "a")
    slots.take("globex", "a")
    assert (slots.is_free("a"), slots.is_free("b")) == (False, True)

    slots.take("initech", "b")
    assert slots.full

    slots.give_back("acme", "a")
    slots.give_back("globex", "a")
    assert (slots.is_free("a"), slots.full) == (True, False)


def test_a_tenant_alone_takes_half_of_the_slots() -> None:
    slots = Slots(total=4, each=4)

    slots.take("acme", "a")
    slots.take("acme", "b")

    assert (slots.admits("acme"), slots.admits("globex")) == (False, True)


def test_only_periodic_attempts_use_up_the_leeway() -> None:
    slots = Slots(total=10, each=10)
    for _ in range(20):
        slots.leeway.observe(1.0)

    slots.take("acme", "a")
    before = slots.has_leeway
    slots.take("acme", "a", is_periodic=True)
    during = slots.has_leeway
    slots.give_back("acme", "a", is_periodic=True)

    assert (before, during, slots.has_leeway) == (True, False, True)


def test_changes_of_one_object_get_a_few_attempts_at_once_and_then_one_now_and_then() -> None:
    distances, times = Distances(seconds=30, burst=3), list[float]()

    for _ in range(5):
        times.append(distances.earliest(JANE, 100.0))
        distances.count(JANE, times[-1])

    assert times == [100, 100, 100, 130, 160]


def test_an_object_that_rests_may_be_changed_at_once_again() -> None:
    distances = Distances(seconds=30, burst=1)
    distances.count(JANE, 100.0)

    distances.forget_old(129.0)
    assert distances.earliest(JANE, 129.0) == 130

    distances.forget_old(131.0)
    assert (distances.earliest(JANE, 131.0), len(distances)) == (131, 0)
