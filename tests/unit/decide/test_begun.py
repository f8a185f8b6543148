"""Which consents of a Mailbox are dropped when more were begun than there may be."""

from hypothesis import given, strategies as st

from mailbox_operator.decide.grants.begun import Begun, surplus


def begun(*sources: str) -> list[Begun]:
    """Begin a consent for each source, written as address and browser: `a`, or `a/x`."""
    split = ((str(at), *source.partition("/")[::2]) for at, source in enumerate(sources))
    return [Begun(*each) for each in split]


def dropped(*sources: str, most: int = 3) -> list[str]:
    return [each.name for each in surplus(begun(*sources), most)]


def test_nothing_is_dropped_while_there_is_room() -> None:
    assert dropped("a", "a", "b") == []


def test_a_browser_that_begins_too_many_consents_loses_the_newest() -> None:
    assert dropped("a", "a", "a", "a") == ["3"]


def test_a_newcomer_takes_the_place_of_the_newest_of_a_flood() -> None:
    assert dropped("a", "a", "a", "owner") == ["2"]


def test_a_newcomer_with_a_cookie_takes_a_place_of_those_without_at_its_own_address() -> None:
    assert dropped("a", "a", "a", "a/owner") == ["2"]


def test_where_everybody_has_one_the_oldest_is_dropped() -> None:
    assert dropped("a", "b", "c", "owner") == ["0"]
    assert dropped("a/x", "a/y", "a/z", "a/owner") == ["0"]


def test_an_address_that_changes_its_cookie_each_time_loses_its_own() -> None:
    assert dropped("owner", "a/x", "a/y", "a/z") == ["1"]


def test_two_with_as_many_share_and_the_next_loses_its_own() -> None:
    assert dropped("a", "owner", "owner", "a", "a", most=4) == ["4"]


SOURCES = st.lists(st.sampled_from(["a", "a/x", "a/y", "b", "c/x", "d"]), max_size=30)


@given(sources=SOURCES, most=st.integers(1, 12))
def test_exactly_the_surplus_is_dropped(sources: list[str], most: int) -> None:
    assert len(set(dropped(*sources, most=most))) == max(0, len(sources) - most)


@given(sources=SOURCES, most=st.integers(2, 12))
def test_a_browser_that_comes_for_the_first_time_is_never_dropped(
    sources: list[str], most: int
) -> None:
    assert str(len(sources)) not in dropped(*sources, "owner", most=most)
