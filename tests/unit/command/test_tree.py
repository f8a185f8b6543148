from datetime import timedelta

import pytest

from mailbox_operator.command.tree import Colour, Node, lines, span


def test_a_tree_shows_what_belongs_to_what() -> None:
    tree = Node("a", children=(Node("b", children=(Node("c"), Node("d"))), Node("e")))

    assert list(lines(tree, coloured=False)) == [
        "a",
        "├─ b",
        "│  ├─ c",
        "│  └─ d",
        "└─ e",
    ]


def test_a_colour_is_for_terminals_alone_and_ends_with_its_line() -> None:
    tree = Node("well", Colour.GOOD, (Node("plain"),))

    assert list(lines(tree, coloured=True)) == ["\x1b[32mwell\x1b[0m", "└─ plain"]
    assert list(lines(tree, coloured=False)) == ["well", "└─ plain"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (7200, "2h"), (200_000, "2d")],
)
def test_a_duration_is_written_by_its_largest_unit(seconds: int, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text
