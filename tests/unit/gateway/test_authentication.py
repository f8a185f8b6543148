"""A login is taken by PLAIN and by LOGIN, in every form that RFC 4954 knows, and in no other."""

import base64

import pytest

from mailbox_operator.gateway.lines import LONGEST_LINE, LONGEST_LOGIN
from unit.gateway.talks import PASSWORD, USERNAME, Talk, plain

NAME, SECRET = (base64.b64encode(text.encode()) for text in (USERNAME, PASSWORD))


def login(*lines: bytes) -> list[str]:
    """Say EHLO and lines, and return what is said to the lines."""
    talk = Talk()
    talk.says(b"EHLO app\r\n")
    return talk.says(*(line + b"\r\n" for line in lines))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([b"AUTH PLAIN " + plain()], id="PLAIN at once"),
        pytest.param([b"AUTH PLAIN", plain()], id="PLAIN after a challenge"),
        pytest.param([b"auth plain", plain()], id="PLAIN in small letters"),
        pytest.param([b"AUTH PLAIN " + plain(authorized=USERNAME)], id="PLAIN for itself"),
        pytest.param([b"AUTH LOGIN", NAME, SECRET], id="LOGIN"),
        pytest.param([b"AUTH LOGIN " + NAME, SECRET], id="LOGIN with the name at once"),
        pytest.param([b"Auth Login", NAME, SECRET], id="LOGIN in letters of any case"),
    ],
)
def test_a_login_is_taken(lines: list[bytes]) -> None:
    assert login(*lines)[-1].startswith("235 2.7.0")


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        pytest.param([b"AUTH"], "504 5.5.4", id="no mechanism"),
        pytest.param([b"AUTH CRAM-MD5"], "504 5.5.4", id="another mechanism"),
        pytest.param([b"AUTH XOAUTH2 " + plain()], "504 5.5.4", id="a token"),
        pytest.param([b"AUTH PLAIN", b"*"], "501 5.7.0", id="cancelled"),
        pytest.param([b"AUTH LOGIN", NAME, b"*"], "501 5.7.0", id="cancelled later"),
        pytest.param([b"AUTH PLAIN ="], "501 5.5.2", id="nothing"),
        pytest.param([b"AUTH PLAIN AAAA"], "501 5.5.2", id="NUL alone"),
        pytest.param([b"AUTH PLAIN YQ"], "501 5.5.2", id="without its padding"),
        pytest.param([b"AUTH PLAIN " + plain() + b" x"], "501 5.5.2", id="with a word more"),
        pytest.param([b"AUTH PLAIN !!!!"], "501 5.5.2", id="not base64"),
        pytest.param([b"AUTH PLAIN /w=="], "501 5.5.2", id="not UTF-8"),
        pytest.param([b"AUTH PLAIN", b"Y\0Q="], "500 5.5.2", id="NUL on the wire"),
        pytest.param([b"AUTH PLAIN " + plain(authorized="boss")], "535 5.7.8", id="for another"),
        pytest.param([b"AUTH PLAIN " + plain(password="")], "535 5.7.8", id="no password"),
        pytest.param([b"AUTH LOGIN", b"", SECRET], "535 5.7.8", id="no name"),
    ],
)
def test_a_login_is_refused(lines: list[bytes], reply: str) -> None:
    assert login(*lines)[-1].startswith(reply)


def test_the_questions_of_a_login_are_its_mechanisms() -> None:
    lines = login(b"AUTH LOGIN", NAME, b"*", b"AUTH PLAIN", b"*")

    questions = [base64.b64decode(line[4:]) for line in lines if line.startswith("334")]
    assert questions == [b"Username:", b"Password:", b""]


def test_a_command_after_a_refused_login_is_a_command() -> None:
    assert login(b"AUTH PLAIN", b"*", b"NOOP")[-1].startswith("250")


def test_the_line_of_a_login_may_be_long() -> None:
    password = "p" * 9_000

    assert login(b"AUTH PLAIN " + plain(password=password))[-1].startswith("535")
    assert login(b"AUTH PLAIN", plain(password=password))[-1].startswith("535")


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        pytest.param([b"AUTH PLAIN " + b"A" * LONGEST_LOGIN], "500 5.5.6", id="AUTH"),
        pytest.param([b"AUTH PLAIN", b"A" * LONGEST_LOGIN], "500 5.5.6", id="a reply"),
        pytest.param([b"NOOP " + b"A" * LONGEST_LINE], "500 5.5.2", id="a command"),
        pytest.param([b"NOOP " + b"A" * (LONGEST_LINE - 7)], "250 2.0.0", id="the longest command"),
        pytest.param([b"NOOP " + b"A" * (LONGEST_LINE - 6)], "500 5.5.2", id="one byte more"),
    ],
)
@pytest.mark.parametrize("piece", [100_000, 2_047, 1])
def test_a_line_is_bounded_however_it_is_cut(lines: list[bytes], reply: str, piece: int) -> None:
    talk = Talk()
    talk.says(b"EHLO app\r\n")
    text = b"".join(line + b"\r\n" for line in lines)

    said = talk.says(*(text[at : at + piece] for at in range(0, len(text), piece)), b"NOOP\r\n")

    assert said[-2].startswith(reply)
    assert said[-1].startswith("250")
