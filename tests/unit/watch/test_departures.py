"""What is gone stays gone, whatever older view of it comes afterwards."""

import pytest

from mailbox_operator.watch.departures import Departures


@pytest.mark.parametrize(("version", "expected"), [("6", True), ("7", True), ("8", False)])
def test_a_view_is_older_than_the_end_of_what_it_shows(version: str, expected: bool) -> None:  # noqa: FBT001 - a table
    departures = Departures()
    departures.note("jane", "7")

    assert departures.are_after("jane", version) is expected


def test_an_earlier_end_that_is_told_later_changes_nothing() -> None:
    departures = Departures()
    departures.note("jane", "7")

    departures.note("jane", "5")
    departures.note("jane", "")

    assert departures.are_after("jane", "6")


def test_an_end_without_a_version_is_not_remembered() -> None:
    departures = Departures()

    departures.note("jane", "")

    assert not departures.are_after("jane", "1")


def test_what_went_first_is_forgotten_first() -> None:
    departures = Departures(most=2)

    for name in ("jane", "john", "jack"):
        departures.note(name, "7")

    assert [departures.are_after(name, "6") for name in ("jane", "john", "jack")] == [
        False,
        True,
        True,
    ]


def test_what_is_there_again_is_not_gone() -> None:
    departures = Departures()
    departures.note("jane", "7")

    departures.forget("jane")

    assert not departures.are_after("jane", "6")
