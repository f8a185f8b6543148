"""Who is logged in stays; a stranger leaves for a newcomer."""

from hypothesis import given, strategies as st

from mailbox_operator.gateway.doors import Doors

HERE, THERE = "10.0.0.1", "10.0.0.2"


def doors(total: int = 3, each: int = 2) -> Doors[str]:
    return Doors(total, each)


def test_a_newcomer_gets_in_while_there_is_room() -> None:
    assert doors().enter(HERE, "one") is None


def test_the_first_stranger_of_a_full_source_leaves_for_its_next() -> None:
    found = doors()
    found.enter(HERE, "one")
    found.enter(HERE, "two")

    assert found.enter(HERE, "three") == "one"
    assert len(found) == 2


def test_a_stranger_of_the_source_that_has_most_leaves_when_all_places_are_taken() -> None:
    found = doors()
    found.enter(HERE, "one")
    found.enter(HERE, "two")
    found.enter(THERE, "three")

    assert found.enter("10.0.0.3", "four") == "one"


def test_who_is_logged_in_does_not_leave_for_a_newcomer() -> None:
    found = doors()
    for name in ("one", "two"):
        found.enter(HERE, name)
        found.settle(HERE, name)

    assert found.enter(HERE, "three") == "three"
    assert len(found) == 2


def test_a_newcomer_is_refused_when_all_places_are_taken_by_logins() -> None:
    found = doors()
    for source in (HERE, THERE, "10.0.0.3"):
        found.enter(source, source)
        found.settle(source, source)

    assert found.enter("10.0.0.4", "four") == "four"


def test_a_guest_that_left_before_its_login_was_judged_takes_no_place() -> None:
    found = doors()
    found.enter(HERE, "one")
    found.leave(HERE, "one")

    found.settle(HERE, "one")

    assert len(found) == 0


def test_a_guest_that_left_makes_room() -> None:
    found = doors(total=1)
    found.enter(HERE, "one")
    found.settle(HERE, "one")

    found.leave(HERE, "one")
    found.leave(HERE, "one")

    assert found.enter(THERE, "two") is None
    assert len(found) == 1


MOVES = st.tuples(
    st.sampled_from(["enter", "settle", "leave"]), st.sampled_from([HERE, THERE]), st.integers(0, 5)
)


@given(st.lists(MOVES, max_size=40))
def test_there_are_never_more_guests_than_places(moves: list[tuple[str, str, int]]) -> None:
    found: Doors[str] = doors()
    present: set[tuple[str, str]] = set()

    for move, source, number in moves:
        guest = (source, f"{source}-{number}")
        if move == "enter" and guest not in present:
            leaving = found.enter(*guest)
            present = {each for each in present | {guest} if each[1] != leaving}
        elif move == "settle" and guest in present:
            found.settle(*guest)
        elif move == "leave":
            found.leave(*guest)
            present.discard(guest)

    assert len(found) == len(present) <= 3
