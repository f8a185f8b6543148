import pytest

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.secret import Secret

SECRET = Secret(
    "jane",
    {"password": b"hunter2\r\n", "spaces": b" hunter2 ", "empty": b"\n", "bytes": b"\xff\xfe"},
)


@pytest.mark.parametrize(
    ("key", "text"), [("password", "hunter2"), ("spaces", " hunter2 "), ("absent", "default")]
)
def test_reads_a_text(key: str, text: str) -> None:
    assert SECRET.text(key, "default") == text


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("absent", "key absent is absent"),
        ("empty", "key empty is empty"),
        ("bytes", "key bytes is no UTF-8 text"),
    ],
)
def test_says_what_is_wrong_with_a_key(key: str, problem: str) -> None:
    with pytest.raises(Fault) as caught:
        SECRET.text(key)

    assert caught.value.reason is Reason.CREDENTIALS_MISSING
    assert caught.value.facts == {"secret": "Secret jane", "problem": problem}


def test_shows_nothing_of_itself() -> None:
    assert "hunter2" not in repr(SECRET)
