"""Who is logged in stays; a stranger leaves for a newcomer."""

from hypothesis import given, strategies as st

from mailbox_operator.gateway.doors import Doors

HERE, THERE = "10.0.0.1", "10.0.0.2"
ACME, UMBRELLA = "acme", "umbrella"


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
    found = doors(total=4)
    for tenant in (ACME, UMBRELLA):
        found.enter(HERE, tenant)
        assert found.settle(HERE, tenant, tenant)

    leaving = [found.enter(HERE, name) for name in ("one", "two", "three")]

    assert leaving == [None, None, "one"]
    assert len(found) == 4


def test_those_who_are_logged_in_take_no_place_of_their_source_from_a_newcomer() -> None:
    found = doors(total=10, each=1)
    for name in ("one", "two", "three"):
        assert found.enter(HERE, name) is None
        assert found.settle(HERE, ACME, name)

    assert found.enter(HERE, "four") is None


def test_a_newcomer_is_refused_when_all_places_are_taken_by_logins() -> None:
    found = doors()
    for tenant in (ACME, UMBRELLA, "third"):
        found.enter(HERE, tenant)
        assert found.settle(HERE, tenant, tenant)

    assert found.enter(THERE, "four") == "four"


def test_a_tenant_gets_as_many_places_as_stay_free_and_the_next_one_finds_room() -> None:
    found = doors(total=8, each=8)
    settled = []
    for number in range(5):
        found.enter(HERE, f"acme-{number}")
        settled.append(found.settle(HERE, ACME, f"acme-{number}"))
    found.enter(HERE, "umbrella")

    assert settled == [True, True, True, True, False]
    assert found.settle(HERE, UMBRELLA, "umbrella")


def test_a_place_that_was_left_is_free_for_the_same_tenant() -> None:
    found = doors(total=2)
    for name in ("one", "two"):
        found.enter(HERE, name)
    assert found.settle(HERE, ACME, "one")
    assert not found.settle(HERE, ACME, "two")

    found.leave(HERE, "one")

    assert found.settle(HERE, ACME, "two")


def test_a_guest_that_left_before_its_login_was_judged_takes_no_place() -> None:
    found = doors()
    found.enter(HERE, "one")
    found.leave(HERE, "one")

    assert not found.settle(HERE, ACME, "one")

    assert len(found) == 0


def test_a_guest_that_left_makes_room() -> None:
    found = doors(total=1)
    found.enter(HERE, "one")
    found.settle(HERE, ACME, "one")

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
            found.settle(source, source, guest[1])
        elif move == "leave":
            found.leave(*guest)
            present.discard(guest)

    assert len(found) == len(present) <= 3
