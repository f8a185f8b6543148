"""The later of two consents counts, whichever is written last, and whatever the clocks say."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.grants.precedence import Consent, Precedence, precedence
from unit.make import NOON

SECOND = timedelta(seconds=1)
FIRST, LATER = Consent("c1", NOON), Consent("c2", NOON + SECOND)
BROUGHT = Consent("")
NOT_NOTED = Consent("c0")

MOMENTS = some.none() | some.integers(0, 3).map(lambda seconds: NOON + seconds * SECOND)
CONSENTS = some.lists(
    some.builds(Consent, some.sampled_from("abcdef"), MOMENTS),
    unique_by=lambda each: each.name,
    min_size=1,
)


@pytest.mark.parametrize(
    ("offered", "standing", "after", "expected"),
    [
        pytest.param(FIRST, None, "", Precedence.COUNTS, id="the first one"),
        pytest.param(LATER, FIRST, "c1", Precedence.COUNTS, id="a later one"),
        pytest.param(LATER, FIRST, "", Precedence.COUNTS, id="the later one of two at once"),
        pytest.param(FIRST, LATER, "", Precedence.OVERTAKEN, id="the earlier one of two at once"),
        pytest.param(FIRST, LATER, "c0", Precedence.OVERTAKEN, id="both after a third one"),
        pytest.param(FIRST, LATER, "c2", Precedence.COUNTS, id="a clock that is ahead"),
        pytest.param(FIRST, FIRST, "", Precedence.WRITTEN, id="one that is written already"),
        pytest.param(FIRST, BROUGHT, "", Precedence.COUNTS, id="over a token of the tenant's"),
        pytest.param(FIRST, BROUGHT, "c0", Precedence.COUNTS, id="over one that came meanwhile"),
        pytest.param(FIRST, NOT_NOTED, "", Precedence.COUNTS, id="over one without a moment"),
        pytest.param(NOT_NOTED, FIRST, "", Precedence.OVERTAKEN, id="one without a moment"),
    ],
)
def test_a_consent_takes_its_place(
    offered: Consent, standing: Consent | None, after: str, expected: Precedence
) -> None:
    assert precedence(offered, standing, after) is expected


def test_of_two_at_the_same_moment_one_counts_in_either_order() -> None:
    other = Consent("c2", NOON)

    assert last_standing([FIRST, other]) == last_standing([other, FIRST]) == other


def last_standing(written: Sequence[Consent]) -> Consent | None:
    """Write consents that were under way at the same time, in this order."""
    standing: Consent | None = None
    for each in written:
        if precedence(each, standing, "") is Precedence.COUNTS:
            standing = each
    return standing


@given(CONSENTS.flatmap(lambda each: some.tuples(some.just(each), some.permutations(each))))
def test_the_order_of_writes_makes_no_difference(
    orders: tuple[list[Consent], list[Consent]],
) -> None:
    one, other = orders

    assert last_standing(one) == last_standing(other)
