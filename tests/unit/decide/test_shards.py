"""Shards are spread evenly over replicas that come and go, and none is without a holder for long."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.cluster.shards import (
    SHARDS,
    Moves,
    Shard,
    moves,
    shard_of,
    share_of,
)
from unit.make import mailbox, spec

CALM_ROUNDS = 30


@dataclass
class Room:
    """All Leases of shards, and replicas that act one after the other on what each saw last.

    Attributes:
        writes: How many times a shard changed hands, or was asked for.
        free_rounds: The longest time that a shard had no holder, in rounds.
    """

    chance: Random
    replicas: list[str] = field(default_factory=list)
    shards: list[Shard] = field(default_factory=lambda: [Shard(n) for n in range(SHARDS)])
    writes: int = 0
    _free: Counter[int] = field(default_factory=Counter)

    def round(self) -> None:
        """Let each replica act on what was there before any of them did."""
        seen = list(self.shards)
        order = list(self.replicas)
        self.chance.shuffle(order)
        for me in order:
            self._act(me, seen, moves(seen, me))
        for each in self.shards:
            self._free[each.number] = 0 if each.holder else self._free[each.number] + 1
        self.shards = [replace(each, is_left=self._free[each.number] > 1) for each in self.shards]

    def kill(self, who: str) -> None:
        """Have a replica end without giving anything back, and its Leases expire."""
        self.replicas.remove(who)
        self.shards = [replace(x, holder="") if x.holder == who else x for x in self.shards]

    def calm(self) -> None:
        """Play until nothing moves any more."""
        for _ in range(CALM_ROUNDS):
            before = self.writes
            self.round()
            if self.writes == before and all(each.holder for each in self.shards):
                return
        raise AssertionError(f"no rest after {CALM_ROUNDS} rounds: {self.shards}")

    @property
    def held(self) -> Counter[str]:
        """Count what each replica holds."""
        return Counter(dict.fromkeys(self.replicas, 0)) + Counter(x.holder for x in self.shards)

    def _act(self, me: str, seen: Sequence[Shard], found: Moves) -> None:
        for number in found.take:
            self._write(seen, number, Shard(number, me))
        for number in found.ask:
            self._write(seen, number, replace(seen[number], wanted_by=me))
        for number in found.give:
            self._write(seen, number, replace(seen[number], holder=""))
        for number in found.refuse:
            self._write(seen, number, replace(seen[number], wanted_by=""))

    def _write(self, seen: Sequence[Shard], number: int, shard: Shard) -> None:
        """Write over what was seen, and over nothing else."""
        if self.shards[number] == seen[number]:
            self.shards[number] = shard
            self.writes += 1


def chance() -> Random:
    return Random("always the same")  # noqa: S311 - to be drawn again


def named(count: int) -> list[str]:
    return [f"replica-{number}" for number in range(count)]


@given(st.integers(1, 16), st.randoms(use_true_random=False))
def test_all_shards_are_held_and_evenly(count: int, chance: Random) -> None:
    room = Room(chance, named(count))

    room.calm()

    held = [Counter(x.holder for x in room.shards)[who] for who in room.replicas]
    assert sum(held) == SHARDS
    assert max(held) - min(held) <= 1


@given(
    st.lists(st.integers(-1, 5), max_size=8), st.integers(1, 5), st.randoms(use_true_random=False)
)
def test_they_stay_even_while_replicas_come_and_go(
    changes: list[int], count: int, chance: Random
) -> None:
    room = Room(chance, named(count))
    for number, change in enumerate(changes):
        room.round()
        if change < 0 or change >= len(room.replicas):
            room.replicas.append(f"later-{number}")
        elif len(room.replicas) > 1:
            room.kill(room.replicas[change])

    room.calm()

    held = [Counter(x.holder for x in room.shards)[who] for who in room.replicas]
    assert max(held) - min(held) <= 1


def test_a_replica_that_comes_moves_its_part_and_nothing_else() -> None:
    room = Room(chance(), named(3))
    room.calm()
    before = {each.number: each.holder for each in room.shards}

    room.replicas.append("newcomer")
    room.writes = 0
    room.calm()

    moved = [each for each in room.shards if before[each.number] != each.holder]
    assert {each.holder for each in moved} == {"newcomer"}
    assert len(moved) == SHARDS // 4
    assert room.writes == 3 * len(moved)  # asked for, given, taken


def test_a_replica_that_goes_leaves_its_part_to_the_others_at_once() -> None:
    room = Room(chance(), named(4))
    room.calm()

    room.kill("replica-0")
    room.round()
    room.round()

    assert all(each.holder for each in room.shards)


def test_nothing_moves_where_all_is_even() -> None:
    room = Room(chance(), named(4))
    room.calm()
    room.writes = 0

    room.round()

    assert room.writes == 0


def test_a_shard_that_is_given_waits_for_who_asked_for_it_but_not_for_ever() -> None:
    waiting = Shard(0, "", "other")

    assert moves([waiting], "me").take == []
    assert moves([replace(waiting, is_left=True)], "me").take == [0]
    assert moves([waiting], "other").take == [0]


def test_what_is_asked_for_by_too_many_is_refused() -> None:
    shards = [Shard(number, "me", "a" if number % 2 else "b") for number in range(6)]
    others = [Shard(number, "c") for number in range(6, SHARDS)]

    found = moves([*shards, *others], "me")

    assert len(found.give) == 6 - SHARDS // 4
    assert sorted([*found.give, *found.refuse]) == list(range(6))


@pytest.mark.parametrize(
    ("limit", "held", "part"), [(20, 12, 20), (20, 3, 5), (5, 3, 1), (1, 1, 1)]
)
def test_a_limit_is_shared_by_the_shards_that_are_held(limit: int, held: int, part: int) -> None:
    assert share_of(limit, held) == part


def test_addresses_of_one_mailbox_are_in_one_shard() -> None:
    spellings = ("Jane.Doe@Gmail.com", "janedoe@googlemail.com")

    assert len({mailbox(spec(address=each)).shard for each in spellings}) == 1


def test_shards_are_of_about_one_size() -> None:
    sizes = Counter(shard_of(f"user-{number}@acme.example") for number in range(12_000))

    assert len(sizes) == SHARDS
    assert max(sizes.values()) < 1.15 * 1000 < 1.3 * min(sizes.values())
