"""What a server says is read within bounds, whatever it is."""

import base64

import aiosmtplib
import pytest
from hypothesis import given, strategies as some

from mailbox_operator.connect.smtp.faults import Exchange, challenge_status, fault_of
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.failure.smtp_replies import LoginKind, Stage
from mailbox_operator.decide.machine.verdict import message_of
from unit.make import ENDPOINT, mailbox

WRONG_PASSWORD = {Reason.INVALID_CREDENTIALS, Reason.APP_PASSWORD_REQUIRED}
CODES = some.integers(-1, 10_000) | some.sampled_from([421, 432, 454, 525, 530, 534, 535, 550, 553])
STAGES = some.sampled_from([*Stage, None])
ANY_BYTES = some.binary(max_size=2000).map(lambda sent: sent.decode("utf-8", "surrogateescape"))
ANY_TEXT = ANY_BYTES | some.text(some.characters(exclude_categories=()))


def challenge(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (challenge('{"status": "400"}'), "400"),
        (challenge('{"status": "999"}'), ""),
        (challenge('{"status": ' + "[" * 20 + "]" * 20 + "}"), ""),
        (challenge("[" * 20_000), ""),
        (challenge("5"), ""),
        ("no base64", ""),
        ("\udcff", ""),
    ],
)
def test_a_challenge_tells_a_status_or_nothing(told: str, status: str) -> None:
    assert challenge_status(told) == status


@given(
    code=CODES,
    text=ANY_TEXT,
    stage=STAGES,
    login=some.sampled_from(LoginKind),
    app=some.booleans(),
)
def test_any_reply_at_any_stage_has_a_meaning_that_can_be_told(
    code: int, text: str, stage: Stage | None, login: LoginKind, *, app: bool
) -> None:
    exchange = Exchange(ENDPOINT, login, ["correct horse"], app, stage)

    fault = fault_of(aiosmtplib.SMTPResponseException(code, text), exchange)

    assert fault.reason in RULES
    assert message_of(mailbox(), fault).isascii()
    assert fault.detail.isascii()
    assert stage is Stage.AUTH or fault.reason not in WRONG_PASSWORD


@given(text=ANY_TEXT, code=CODES)
def test_any_reply_to_a_recipient_can_be_judged(text: str, code: int) -> None:
    assert Exchange(ENDPOINT).is_about_sender(code, text) in {True, False}


@given(
    error=some.sampled_from([
        TimeoutError(), ConnectionResetError(), ValueError("odd"),
        aiosmtplib.SMTPServerDisconnected("gone"), aiosmtplib.SMTPReadTimeoutError("late"),
    ]),
    stage=STAGES,
    login=some.sampled_from(LoginKind),
)  # fmt: skip
def test_no_password_is_wrong_where_no_reply_came(
    error: Exception, stage: Stage | None, login: LoginKind
) -> None:
    fault = fault_of(error, Exchange(ENDPOINT, login, stage=stage))

    assert fault.reason not in WRONG_PASSWORD
