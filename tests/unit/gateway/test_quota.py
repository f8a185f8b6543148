"""Several gateways that count together never send more than a limit, whatever ends one of them."""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings, strategies as some

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sending.claims import Claim
from mailbox_operator.decide.sending.kept import UncountedError
from mailbox_operator.decide.sending.ledger import MOST_AHEAD, Limit
from mailbox_operator.decide.sending.terms import Terms
from mailbox_operator.decide.words import Kind
from mailbox_operator.gateway.hand import IDLE_SECONDS, Exhausted, Taking
from mailbox_operator.gateway.quota import REMEMBER_SECONDS, Quota
from unit.gateway.stores import Store
from unit.make import NOON

JANE: Final = Key(Kind.MAILBOX, "acme", "jane")
SHOP: Final = Key(Kind.SENDER, "acme", "shop")
HOURS: Final = timedelta(hours=24)


def claim(name: str = "jane", about: Key = JANE, **terms: object) -> Claim:
    return Claim(name, Terms(**terms), about)  # type: ignore[arg-type]


@dataclass
class Clock:
    """A time of day that a test sets; who sleeps moves it."""

    now: datetime = NOON

    def tell(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=max(0.0, seconds))
        await asyncio.sleep(0)

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


def gateway(store: Store, clock: Clock) -> Quota:
    return Quota(store, clock.tell, clock.seconds, clock.sleep)


async def sent(quota: Quota, claims: Sequence[Claim], count: int = 1) -> bool:
    return isinstance(await quota.take(claims, count), Taking)


async def test_a_limit_is_used_up_and_not_exceeded() -> None:
    store, clock = Store(), Clock()
    both = [gateway(store, clock) for _ in range(2)]

    done = await asyncio.gather(*(sent(both[x % 2], [claim(per_day=50)]) for x in range(400)))

    assert 50 - MOST_AHEAD <= sum(done) <= 50
    assert store.swaps < 50


async def test_a_burst_costs_few_changes() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)

    done = await asyncio.gather(*(sent(quota, [claim(per_day=10_000)]) for _ in range(500)))

    assert all(done)
    assert store.swaps <= 500 / MOST_AHEAD + 3


async def test_a_refusal_names_the_limit_and_when_it_ends() -> None:
    clock = Clock()
    quota = gateway(Store(), clock)
    only = claim(per_day=1)
    await quota.take([only], 1)

    found = await quota.take([only], 1)

    assert isinstance(found, Exhausted)
    assert (found.claim, found.full.limit) == (only, Limit.DAY)
    assert found.full.next_at == NOON + HOURS + timedelta(minutes=10)
    assert quota.exhausted([only]) == found


async def test_a_refusal_is_not_asked_again_for_a_while() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    await quota.take([claim(per_day=1)], 1)
    for _ in range(20):
        await quota.take([claim(per_day=1)], 1)
    before = store.reads, store.swaps

    assert before == (1, 1)
    assert await sent(quota, [claim(per_day=2)]), "another limit is asked about at once"
    clock.pass_(seconds=REMEMBER_SECONDS + 1)
    assert quota.exhausted([claim(per_day=1)]) is None


async def test_a_message_takes_of_all_limits_or_of_none() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    claims = [claim(per_day=50), claim("shop", SHOP, per_day=1)]

    assert await sent(quota, claims)
    assert not await sent(quota, claims)
    await quota.close()

    assert (store.used(NOON), store.used(NOON, "shop")) == (1, 1)


async def test_what_was_not_sent_is_used_by_the_next_message() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    taking = await quota.take([claim(per_day=3)], 3)
    assert isinstance(taking, Taking)

    quota.return_(taking)

    assert await sent(quota, [claim(per_day=3)], 3)
    assert not await sent(quota, [claim(per_day=3)])


async def test_what_was_not_sent_in_time_is_lost_and_not_used_in_a_later_bucket() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    taking = await quota.take([claim(per_day=3)], 2)
    assert isinstance(taking, Taking)
    clock.pass_(minutes=10)
    assert await sent(quota, [claim(per_day=3)])

    quota.return_(taking)

    assert not await sent(quota, [claim(per_day=3)])


async def test_what_is_in_hand_is_given_back_after_a_while_and_at_the_end() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    for _ in range(30):
        await quota.take([claim(per_day=1000)], 1)
    assert store.used(NOON) > 30

    clock.pass_(seconds=IDLE_SECONDS)
    giving = asyncio.create_task(quota.run())
    async with asyncio.timeout(10):
        await store.until(lambda: store.used(NOON) == 30)
    giving.cancel()

    assert store.used(NOON) == 30


async def test_a_gap_is_waited_for_if_it_is_short() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    gap = claim(every=timedelta(seconds=8))

    assert await sent(quota, [gap])
    assert await sent(quota, [gap])
    assert clock.now == NOON + timedelta(seconds=8)


async def test_a_long_gap_is_not_waited_for() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    gap = claim(every=timedelta(minutes=5))

    assert await sent(quota, [gap])
    found = await quota.take([gap], 1)

    assert isinstance(found, Exhausted)
    assert found.full.next_at == NOON + timedelta(minutes=5)
    assert clock.now == NOON


async def test_what_is_in_hand_is_used_while_the_store_is_away() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    done = await asyncio.gather(*(sent(quota, [claim(per_day=1000)]) for _ in range(30)))
    assert all(done)
    in_hand = store.used(NOON) - 30
    assert in_hand > 0

    store.fails = ["away"] * 100
    for _ in range(in_hand):
        assert await sent(quota, [claim(per_day=1000)])
    with pytest.raises(UncountedError):
        await quota.take([claim(per_day=1000)], 1)


async def test_nothing_is_given_back_twice_where_an_answer_was_lost() -> None:
    store, clock = Store(), Clock()
    quota = gateway(store, clock)
    await asyncio.gather(*(sent(quota, [claim(per_day=100)]) for _ in range(30)))
    others = 100 - store.used(NOON)
    await gateway(store, clock).take([claim(per_day=100)], others)
    clock.pass_(minutes=10)

    store.fails = ["unanswered"]
    with pytest.raises(UncountedError):
        await quota.take([claim(per_day=100)], 50)
    store.fails = []
    await quota.close()

    assert store.used(clock.now) >= 30 + others


@settings(max_examples=40)
@given(
    seed=some.integers(0, 2**32),
    limit=some.integers(1, 60),
    replicas=some.integers(1, 4),
    pause=some.integers(1, 1800),
)
async def test_no_rolling_day_holds_more_than_the_limit_over_days_of_crashes(
    seed: int, limit: int, replicas: int, pause: int
) -> None:
    chance, store, clock = Random(seed), Store(), Clock()  # noqa: S311 - a simulation
    gateways = [gateway(store, clock) for _ in range(replicas)]
    times = list[datetime]()

    for _ in range(400):
        clock.pass_(seconds=chance.expovariate(1 / pause))
        one = chance.randrange(replicas)
        match chance.randrange(40):
            case 0:
                gateways[one] = gateway(store, clock)  # killed: what it had in hand is lost
            case 1:
                store.fails = ["away", "unanswered"][: chance.randrange(3)]
            case _:
                pass
        count = chance.choice([1, 1, 1, 2, 5])
        try:
            taking = await gateways[one].take([claim(per_day=limit)], count)
        except UncountedError:
            continue
        if isinstance(taking, Taking) and chance.random() < 0.1:
            gateways[one].return_(taking)
        elif isinstance(taking, Taking):
            times += [clock.now] * count

    worst = max((bisect_left(times, at + HOURS) - x for x, at in enumerate(times)), default=0)
    assert worst <= limit
