"""Who has to leave where more come than there is room for."""

from mailbox_operator.decide.sharing.crowd import Crowd


def crowd(total: int = 4, each: int = 4, **sources: int) -> Crowd[str]:
    made = Crowd[str](total, each)
    for source, count in sources.items():
        for number in range(count):
            made.enter(source, f"{source}{number}")
    return made


def test_a_crowd_loses_nobody_while_there_is_room() -> None:
    assert crowd(flood=2).enter("probe", "probe0") is None


def test_a_full_house_takes_a_newcomer_in_for_the_oldest_guest_of_the_largest_source() -> None:
    full = crowd(quiet=1, flood=3)

    assert full.enter("probe", "probe0") == "flood0"
    assert len(full) == 4


def test_a_source_at_its_own_bound_displaces_itself() -> None:
    assert crowd(total=9, each=2, quiet=1, flood=2).enter("flood", "flood2") == "flood0"


def test_a_guest_that_does_something_stays_longer_than_its_neighbours() -> None:
    full = crowd(flood=4)

    full.stir("flood", "flood0")

    assert full.enter("probe", "probe0") == "flood1"


def test_a_guest_that_left_makes_room_and_is_forgotten() -> None:
    full = crowd(flood=4)

    full.leave("flood", "flood3")
    full.leave("flood", "flood3")
    full.stir("flood", "flood3")

    assert len(full) == 3
    assert full.enter("probe", "probe0") is None


def test_a_newcomer_is_never_the_one_that_leaves() -> None:
    house = crowd(total=4)

    leaving = [house.enter(f"source{number}", f"guest{number}") for number in range(40)]

    assert leaving == [None] * 4 + [f"guest{number}" for number in range(36)]
