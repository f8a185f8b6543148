"""docs/reasons.md says what the table of reasons says."""

import re
from typing import Final

import pytest

from mailbox_operator.decide.failure.findings import WORDS_OF
from mailbox_operator.decide.failure.reasons import Move, Reason, ReasonFamily, Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.lasting import LASTING
from tools.reference.reasons import PAGE, README, cases, described, groups, page, written

SECTION: Final = re.compile(r"^### (\w+)\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)


def test_the_page_of_reasons_is_that_of_their_table() -> None:
    text = PAGE.read_text()

    assert page(text) == text, "run `make docs`"


def test_every_reason_is_in_one_group_of_the_readme() -> None:
    found = [reason for group in groups(README.read_text()).values() for reason in group]

    assert sorted(found) == sorted(Reason)


def test_a_row_without_a_name_belongs_to_the_group_above() -> None:
    readme = "| A | `Connected` | x |\n| | `Available` `Unknown` | y |\n| B | `NoMailbox` | z |\n"

    assert groups(readme) == {
        "A": [Reason.CONNECTED, Reason.AVAILABLE, Reason.UNKNOWN],
        "B": [Reason.NO_MAILBOX],
    }


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_a_heading_that_messages_can_link_to(reason: Reason) -> None:
    assert PAGE.read_text().count(f"\n### {reason}\n") == 1


def test_who_must_act_is_said_for_each_infrastructure_where_that_differs() -> None:
    said = list(described(Reason.HOST_NOT_PERMITTED, RULES[Reason.HOST_NOT_PERMITTED]))

    assert said[0] == "The platform's egress policy does not permit `<endpoint>`.\n"
    assert [line.partition(": ")[0] for line in said[1:]] == [
        "- **Private**, Mailbox owner",
        "- **Managed**, Platform team",
        "- **Tried again**",
    ]


def test_every_special_case_is_under_each_of_its_reasons() -> None:
    sections = dict(SECTION.findall(PAGE.read_text()))

    assert [
        (finding, reason)
        for finding, words in WORDS_OF.items()
        for reason in words.reasons
        if f": {written(words.todo)}."
        not in sections[reason].replace(f"{written(words.what)}. ", "")
    ] == []


def test_a_special_case_has_a_name_and_says_what_differs_from_its_reason() -> None:
    said = list(cases(Reason.TLS_VERIFICATION_FAILED))
    who = f"{Move.ADMIN} / {Move.PLATFORM}"

    assert f"- **Certificate expired**, {who}: Renew the certificate of that server." in said


def test_what_is_said_of_a_lasting_trouble_is_under_its_reason() -> None:
    sections = dict(SECTION.findall(PAGE.read_text()))

    assert {name for name, text in sections.items() if "**If it lasts**" in text} == set(LASTING)


@pytest.mark.parametrize("word", [*Retry, *set(ReasonFamily) - {ReasonFamily.OTHER}])
def test_the_page_explains_its_words(word: str) -> None:
    assert f"**{word}**" in PAGE.read_text()
