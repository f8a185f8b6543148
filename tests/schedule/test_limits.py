import pytest
from hypothesis import given, strategies as some

from mailbox_operator.schedule.limits import Bucket, Slots


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

    slots.take("a")
    slots.take("a")
    assert (slots.is_free("a"), slots.is_free("b"), slots.full) == (False, True, False)

    slots.take("b")
    assert slots.full

    slots.give_back("a")
    slots.give_back("a")
    assert (slots.is_free("a"), slots.full) == (True, False)
