"""The gateway's own replies: one table, and no words that break a reply."""

import re
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation, answer

PAGE = Path(__file__).parents[3] / "docs" / "sending.md"
FACTS = {
    field: "x" * 300
    for row in ANSWERS.values()
    for _, field, _, _ in Formatter().parse(row.text)
    if field
}
PASSING = (
    Situation.NO_MAILBOX,
    Situation.NOT_CONNECTED,
    Situation.FOLLOW_UP_WAITS,
    Situation.RECONNECTING,
    Situation.SUSPENDED,
    Situation.LIMIT_REACHED,
    Situation.OWN_LIMIT_REACHED,
    Situation.UNCOUNTED,
    Situation.SENDER_PAUSED,
    Situation.PROVIDER_REFUSED_LOGIN,
    Situation.PROVIDER_UNREACHABLE,
    Situation.IN_DOUBT,
    Situation.NO_ROOM,
    Situation.LOGINS_UNKNOWN_YET,
    Situation.SHUTTING_DOWN,
    Situation.UNEXPECTED,
)


def row_of(situation: Situation) -> str:
    return f"| {situation} | `{ANSWERS[situation].line().decode().strip()}` |"


def test_every_situation_has_an_answer() -> None:
    assert set(ANSWERS) == set(Situation)


def test_the_page_has_the_table_of_answers() -> None:
    shown = PAGE.read_text().split("<!-- replies -->\n")[1].split("\n<!-- /replies -->")[0]

    assert shown.splitlines()[2:] == [row_of(situation) for situation in ANSWERS]


@pytest.mark.parametrize("situation", Situation)
def test_an_enhanced_code_is_of_the_class_of_its_answer(situation: Situation) -> None:
    row = ANSWERS[situation]

    assert row.enhanced == "" or row.enhanced[0] == str(row.code)[0]
    assert row.enhanced or row.code == 354


@pytest.mark.parametrize("situation", PASSING)
def test_a_situation_that_passes_is_never_answered_for_good(situation: Situation) -> None:
    assert 400 <= ANSWERS[situation].code < 500


def test_only_the_applications_own_login_is_answered_by_535() -> None:
    assert [each for each in ANSWERS if ANSWERS[each].code == 535] == [Situation.LOGIN_WRONG]


@pytest.mark.parametrize("situation", Situation)
def test_an_answer_fits_into_a_reply_line_whatever_is_filled_in(situation: Situation) -> None:
    assert len(answer(situation, **FACTS).line()) <= 512


@given(st.text())
def test_no_words_break_an_answer(words: str) -> None:
    line = answer(Situation.FOREIGN_SENDER, address=words, sender="acme/keycloak").line()

    assert re.fullmatch(rb"553 5\.7\.1 [\x20-\x7e]*\r\n", line)


def test_a_value_is_not_read_as_a_placeholder() -> None:
    filled = answer(Situation.FOREIGN_SENDER, address="{sender.__class__}", sender="acme/keycloak")

    assert "{sender.__class__}" in filled.text


def test_an_answer_of_a_provider_keeps_its_words() -> None:
    passed_on = Answer(250, "2.0.0", "OK 1732 x-12si")

    assert passed_on.line() == b"250 2.0.0 OK 1732 x-12si\r\n"
