"""docs/reasons.md says what the table of reasons says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from mailbox_operator.decide.failure.findings import WORDS_OF
from mailbox_operator.decide.failure.reasons import Move, Reason, ReasonFamily, Retry, Rule
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.lasting import LASTING
from mailbox_operator.decide.words import Infrastructure

PAGE: Final = Path(__file__).parents[3] / "docs" / "reasons.md"
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
SILENT: Final = ("advice", "lacking", "other", "page", "recurrence")
CASES: Final = ("Of these", "Who must act", "What it means", "What to do")
COLUMNS: Final = (
    "Reason",
    "Which of the three",
    "Who must act",
    "What it means",
    "What to do",
    "Tried again",
)


LASTS: Final = ("Reason", "Who must act", "What to do")


def cell(text: str) -> str:
    """Write a text with its placeholders in angle brackets, and without those that only add."""
    return PLACEHOLDER.sub(lambda found: "" if found[1] in SILENT else f"`<{found[1]}>`", text)


def row(reason: Reason, rule: Rule) -> str:
    """Write a line of the table; what differs under Managed stands behind a slash."""
    both = [rule.for_whom(infrastructure) for infrastructure in Infrastructure]
    moves = " / ".join(dict.fromkeys(move for move, _ in both))
    todos = "<br>Managed: ".join(
        dict.fromkeys(cell(todo[0].upper() + todo[1:]) for _, todo in both)
    )
    family = "" if rule.family is ReasonFamily.OTHER else rule.family.value
    name = f'<a id="{reason.lower()}"></a>`{reason}`'
    cells = (name, family, moves, cell(rule.what), todos, rule.retry)
    return f"| {' | '.join(cells)} |"


def table() -> Iterator[str]:
    """Write the table that the page is to hold."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    yield from (row(reason, rule) for reason, rule in RULES.items())


def cases() -> Iterator[str]:
    """Write the table of the cases that have words of their own."""
    yield f"| {' | '.join(CASES)} |"
    yield f"|{'---|' * len(CASES)}"
    for words in WORDS_OF.values():
        reasons = " ".join(f"`{reason}`" for reason in words.reasons)
        move = f"{words.move} / {Move.PLATFORM}" if words.or_platform else words.move
        todo = cell(words.todo[0].upper() + words.todo[1:])
        yield f"| {reasons} | {move} | {cell(words.what)} | {todo} |"


def lasting() -> Iterator[str]:
    """Write the table of what is said of a trouble that lasts."""
    yield f"| {' | '.join(LASTS)} |"
    yield f"|{'---|' * len(LASTS)}"
    for reason, words in LASTING.items():
        todos = [
            cell(todo[0].upper() + todo[1:]) for todo in (words.todo, words.platform_todo) if todo
        ]
        move = f"{words.move} / {Move.PLATFORM}" if words.platform_todo else words.move
        yield f"| `{reason}` | {move} | {'<br>Platform: '.join(todos)} |"


def test_the_page_holds_the_tables_of_reasons() -> None:
    expected = "\n".join([*table(), *cases(), *lasting()])

    found = "\n".join(line for line in PAGE.read_text().splitlines() if line.startswith("|"))
    assert found == expected, f"the tables of {PAGE.name} is to read:\n\n{expected}\n"


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_an_anchor_of_its_own(reason: Reason) -> None:
    assert PAGE.read_text().count(f'<a id="{reason.lower()}"></a>') == 1


@pytest.mark.parametrize("word", [*Retry, *set(ReasonFamily) - {ReasonFamily.OTHER}])
def test_the_page_explains_its_words(word: str) -> None:
    assert f"**{word}**" in PAGE.read_text()
