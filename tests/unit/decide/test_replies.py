import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import (
    TABLE,
    LoginKind,
    Reply,
    Stage,
    fault_of_reply,
)
from mailbox_operator.decide.failure.wording import said_in
from unit.tables.replies import REPLIES
from unit.tables.reply import Row

AUTH, PASSWORD = Stage.AUTH, LoginKind.PASSWORD
CODES = some.integers(-1, 10_000) | some.sampled_from([421, 432, 454, 525, 530, 534, 535, 550, 553])
SAYINGS = some.lists(some.sampled_from([row.text for row in REPLIES]), max_size=3).map(" ".join)
TEXTS = some.text() | some.from_regex(r"[245]\.\d{1,3}\.\d{1,3} .*")


def reply_of(row: Row) -> Reply:
    return Reply(row.code, row.text, row.stage, row.login, row.app_password)


@pytest.mark.parametrize("row", REPLIES, ids=lambda row: row.id)
def test_the_reply_table_reads_a_reply(row: Row) -> None:
    fault = fault_of_reply(reply_of(row))

    told = (fault.reason, fault.finding, fault.retry_after, fault.certain)
    assert told == (row.reason, row.finding, row.retry_after, row.certain)


@pytest.mark.parametrize("login", LoginKind)
@given(code=some.integers(200, 599), text=TEXTS, stage=some.sampled_from(Stage))
def test_the_reply_table_makes_something_of_any_reply(
    login: LoginKind, code: int, text: str, stage: Stage
) -> None:
    fault = fault_of_reply(Reply(code, text, stage, login))

    assert str(code) in fault.facts["code"]


@given(code=some.integers(400, 499), text=TEXTS | SAYINGS, stage=some.sampled_from(Stage))
def test_the_reply_table_is_never_certain_of_a_wrong_password_where_a_code_is_transient(
    code: int, text: str, stage: Stage
) -> None:
    fault = fault_of_reply(Reply(code, text, stage, PASSWORD))

    assert fault.reason is not Reason.INVALID_CREDENTIALS or not fault.certain


@given(
    code=CODES,
    text=some.binary().map(lambda words: words.decode("utf-8", "surrogateescape")) | SAYINGS,
    stage=some.sampled_from(sorted(set(Stage) - {AUTH}, key=lambda stage: stage.name)),
    login=some.sampled_from(LoginKind),
    app=some.booleans(),
)
def test_the_reply_table_never_says_that_a_password_is_wrong_without_a_reply_at_auth(
    code: int, text: str, stage: Stage, login: LoginKind, *, app: bool
) -> None:
    fault = fault_of_reply(Reply(code, text, stage, login, app))

    assert fault.reason not in {Reason.INVALID_CREDENTIALS, Reason.APP_PASSWORD_REQUIRED}


@pytest.mark.parametrize("login", [LoginKind.TOKEN, LoginKind.APP_TOKEN])
@given(code=some.integers(200, 599), text=TEXTS, stage=some.sampled_from(Stage))
def test_the_reply_table_never_blames_a_password_where_none_was_offered(
    login: LoginKind, code: int, text: str, stage: Stage
) -> None:
    fault = fault_of_reply(Reply(code, text, stage, login, app_password=True))

    assert fault.reason not in {Reason.INVALID_CREDENTIALS, Reason.APP_PASSWORD_REQUIRED}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5.7.14 Try again", Reason.ACCESS_BLOCKED),
        ("5.7.1 Try again", Reason.INVALID_CREDENTIALS),
        ("5.7.140 Try again", Reason.INVALID_CREDENTIALS),
        ("5.7.3 Try again", Reason.INVALID_CREDENTIALS),
        ("5.7.30 Try again", Reason.SMTP_AUTH_DISABLED),
        ("Error 5.7.14 further on", Reason.INVALID_CREDENTIALS),
    ],
)
def test_the_reply_table_compares_enhanced_codes_as_wholes(text: str, reason: Reason) -> None:
    assert fault_of_reply(Reply(535, text, AUTH, PASSWORD)).reason is reason


def test_the_reply_table_shows_codes_and_not_the_words_of_the_server() -> None:
    fault = fault_of_reply(Reply(535, "5.7.8 jane: bad\n5.7.8 x73-20020a id", AUTH, PASSWORD))

    assert fault.facts["code"] == "535 5.7.8"
    assert "x73-20020a" in fault.detail


def test_every_line_of_the_table_is_met_by_a_reply() -> None:
    replies = [(reply_of(row), said_in(row.text)) for row in REPLIES]
    met = {next((n for n, line in enumerate(TABLE) if line.fits(*each)), None) for each in replies}

    assert [line for n, line in enumerate(TABLE) if n not in met] == []
