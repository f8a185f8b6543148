"""A recipient keeps their mailbox, and a mailbox gets its share of all recipients."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.sending.rotation import (
    FEW,
    FIRST,
    HALF,
    MASK,
    SECOND,
    Candidate,
    Candidates,
)

TWELVE: Final = [Candidate(f"box-{number}", 100) for number in range(12)]
PEOPLE: Final = [f"person-{number}@example.com" for number in range(6000)]


def ranked(candidates: Sequence[Candidate], recipient: str) -> Iterator[str]:
    return Candidates.of(candidates).ranked(recipient)


def drawn(name: str, recipient: str) -> int:
    """Draw the number of a pair as another gateway may, without any other pair."""
    first, second = (
        int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) for text in (name, recipient)
    )
    mixed = first ^ second
    for factor in (FIRST, SECOND):
        mixed = (mixed ^ (mixed >> HALF)) * factor & MASK
    return mixed


def firsts(candidates: Sequence[Candidate]) -> dict[str, str]:
    ready = Candidates.of(candidates)
    return {each: next(ready.ranked(each)) for each in PEOPLE}


@pytest.mark.parametrize("size", [1, 2, 12, 500])
def test_many_are_drawn_as_each_is_alone(size: int) -> None:
    names = [f"box-{number}" for number in range(size)]
    team = [Candidate(name, 1) for name in names]

    for each in PEOPLE[:50]:
        alone = sorted(names, key=lambda name: drawn(name, each), reverse=True)
        assert [*ranked(team, each)] == alone


def test_the_order_is_the_same_for_gateways_of_all_versions() -> None:
    assert [*ranked(TWELVE, "jane@example.com")][:3] == ["box-8", "box-5", "box-11"]


@given(some.permutations(TWELVE), some.sampled_from(PEOPLE))
def test_the_order_of_the_mailboxes_makes_no_difference(
    shuffled: list[Candidate], recipient: str
) -> None:
    assert [*ranked(shuffled, recipient)] == [*ranked(TWELVE, recipient)]


def test_a_mailbox_that_goes_moves_only_its_own_recipients() -> None:
    before, after = firsts(TWELVE), firsts(TWELVE[1:])

    moved = {each for each in PEOPLE if before[each] != after[each]}
    assert moved == {each for each in PEOPLE if before[each] == "box-0"}
    assert len(moved) == pytest.approx(len(PEOPLE) / 12, rel=0.2)


def test_those_that_move_spread_over_all_others() -> None:
    before, after = firsts(TWELVE), firsts(TWELVE[1:])

    moved = Counter(after[each] for each in PEOPLE if before[each] == "box-0")
    assert set(moved) == {each.name for each in TWELVE[1:]}


def test_recipients_are_shared_by_weight() -> None:
    candidates = [Candidate("large", 300), Candidate("small", 100)]

    assert Counter(firsts(candidates).values())["large"] == pytest.approx(4500, rel=0.05)


def test_a_mailbox_of_more_weight_takes_recipients_and_loses_none() -> None:
    before = firsts([Candidate("a", 100), Candidate("b", 100), Candidate("c", 100)])
    after = firsts([Candidate("a", 200), Candidate("b", 100), Candidate("c", 100)])

    assert {after[each] for each in PEOPLE if before[each] != after[each]} == {"a"}


def test_a_mailbox_without_weight_is_not_chosen() -> None:
    assert [*ranked([Candidate("none", 0), Candidate("one", 1)], "a@example.com")] == ["one"]
    assert [*ranked([Candidate("none", 0)], "a@example.com")] == []


def test_an_address_is_the_same_recipient_however_it_is_written() -> None:
    written, other = (ranked(TWELVE, each) for each in ("Jane.Doe@Gmail.com", "janedoe@gmail.com"))
    assert [*written] == [*other]


def test_weights_that_are_equal_give_the_order_of_any_other_equal_weights() -> None:
    heavier = [Candidate(each.name, 7) for each in TWELVE]
    unequal = [*TWELVE, Candidate("none-of-it", 1e-12)]

    for each in PEOPLE[:100]:
        assert [*ranked(TWELVE, each)] == [*ranked(heavier, each)] == [*ranked(unequal, each)][:12]


def test_every_mailbox_of_hundreds_gets_its_share() -> None:
    five_hundred = [Candidate(f"box-{number}", 1) for number in range(500)]
    ready = Candidates.of(five_hundred)
    shares = Counter(next(ready.ranked(f"{number}@example.com")) for number in range(20_000))

    chi = sum((shares[each.name] - 40) ** 2 / 40 for each in five_hundred)
    assert chi == pytest.approx(499, abs=6 * math.sqrt(2 * 499))


def test_who_is_first_of_many_weights_is_first_of_few_of_them() -> None:
    many = [Candidate(f"box-{number}", number) for number in range(1, 2 * FEW)]

    for each in PEOPLE[:200]:
        own = next(ranked(many, each))
        few = [found for found in many if found.name == own or found.weight <= FEW - 1]
        assert next(ranked(few, each)) == own
