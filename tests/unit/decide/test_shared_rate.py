"""How a rate is shared among those who are told apart step by step."""

from collections.abc import Iterator
from itertools import count

from hypothesis import given, strategies as st

from mailbox_operator.decide.sharing.shared_rate import SharedRate

PATHS = st.tuples(*(st.sampled_from("abc") for _ in range(3)))


def taken(turns: SharedRate, tries: int, *path: str, now: float = 0.0) -> int:
    """Try so often, all at once; return how often that went well."""
    return sum(turns.take(path, now) for _ in range(tries))


def strangers(prefix: str) -> Iterator[str]:
    """Name strangers without end."""
    return (f"{prefix}{number}" for number in count())


def test_one_browser_alone_takes_a_quarter_of_all_turns() -> None:
    assert taken(SharedRate(60), 100, "tenant", "address", "browser") == 15


def test_a_flood_leaves_turns_to_the_next_browser_and_more_to_the_next_address_and_tenant() -> None:
    turns = SharedRate(60)
    taken(turns, 100, "tenant", "address", "")

    assert taken(turns, 3, "tenant", "address", "owner") == 3
    assert taken(turns, 6, "tenant", "another", "") == 6
    assert taken(turns, 9, "neighbour", "address", "") == 9


def test_a_browser_that_changes_its_cookie_each_time_leaves_turns_to_other_addresses() -> None:
    turns, cookies = SharedRate(60), strangers("cookie")
    for _ in range(100):
        turns.take(("tenant", "address", next(cookies)), 0.0)

    assert len(turns) == 20
    assert turns.take(("tenant", "another", ""), 0.0)


def test_a_tenant_that_is_flooded_from_everywhere_leaves_turns_to_other_tenants() -> None:
    turns, addresses = SharedRate(60), strangers("address")
    for _ in range(100):
        turns.take(("tenant", next(addresses), ""), 0.0)

    assert len(turns) == 30
    assert taken(turns, 7, "neighbour", "address", "browser") == 7


def test_turns_come_back_after_a_minute_and_nothing_of_them_is_remembered() -> None:
    turns = SharedRate(60)
    taken(turns, 100, "tenant", "address", "browser")

    assert not turns.take(("tenant", "address", "browser"), 59.9)
    assert turns.take(("tenant", "address", "browser"), 60.0)
    assert len(turns) == 1


@given(paths=st.lists(PATHS, max_size=200), total=st.integers(1, 30))
def test_there_are_never_more_turns_than_there_may_be(
    paths: list[tuple[str, str, str]], total: int
) -> None:
    turns = SharedRate(total)

    for path in paths:
        turns.take(path, 0.0)

    assert len(turns) <= total


@given(total=st.integers(1, 5))
def test_there_is_a_turn_for_somebody_however_few_there_are(total: int) -> None:
    assert SharedRate(total).take(("tenant", "address", "browser"), 0.0)
