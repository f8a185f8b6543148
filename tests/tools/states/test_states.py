"""docs/states.md shows what the state machine really does."""

from tools.states.page import PAGE, page


def test_the_page_of_states_has_the_tables_of_the_state_machine() -> None:
    text = PAGE.read_text()

    assert page(text) == text, "run `make docs`"


def test_the_page_of_states_has_every_table() -> None:
    text = PAGE.read_text()

    parts = ("conditions", "transitions", "picture", "waits")
    assert [part for part in parts if f"<!-- {part} -->\n<!--" in text] == []
    assert [part for part in parts if f"<!-- {part} -->" not in text] == []
