"""docs/command-line.md is what the command line says of itself."""

import pytest

from tools.commands.page import PAGE, arguments, commands, page


def test_the_page_is_up_to_date() -> None:
    text = PAGE.read_text()

    assert page(text) == text, "run `make docs`"


@pytest.mark.parametrize("name", list(commands()))
def test_every_argument_of_a_command_says_what_it_does(name: str) -> None:
    assert [each.dest for each in arguments(commands()[name]) if not each.help] == []
