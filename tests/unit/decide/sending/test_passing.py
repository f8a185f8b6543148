"""The provider's reply is the application's, as far as it is safe."""

import re

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.sending.passing import LONGEST_REPLY, NO_WORDS, passed_on

SECRET = "correct horse"
PRINTABLE = re.compile(r"[245]\d\d [245]\.\d{1,3}\.\d{1,3} [\x20-\x7e]+")


@pytest.mark.parametrize(
    ("code", "text", "line"),
    [
        (250, "2.0.0 Ok: queued as 4F1A2B", "250 2.0.0 Ok: queued as 4F1A2B"),
        (250, "OK 1764218 d9443c01a7336-29 - gsmtp", "250 2.0.0 OK 1764218 d9443c01a7336-29 - gsmtp"),
        (550, "5.7.1 Spam\n5.7.1 See our pages", "550 5.7.1 Spam See our pages"),
        (452, "5.2.2 Mailbox full", "452 4.0.0 Mailbox full"),
        (550, "5.7.1", f"550 5.7.1 {NO_WORDS}"),
        (550, "", f"550 5.0.0 {NO_WORDS}"),
        (550, "5.7.1000 odd", "550 5.0.0 5.7.1000 odd"),
        (354, "go ahead", "451 4.0.0 go ahead"),
        (-1, "", f"451 4.0.0 {NO_WORDS}"),
        (550, "5.7.1 a\x00b\x1b[31mc\rd", "550 5.7.1 a b [31mc d"),
        (550, "5.1.1 \udcff\udcfe no one", "550 5.1.1 no one"),
        (550, f"5.7.8 {SECRET} is wrong", "550 5.7.8 *** is wrong"),
        (251, "2.1.5 forwarded", "250 2.1.5 forwarded"),
        (221, "bye", "250 2.0.0 bye"),
        (421, "4.3.2 closing", "451 4.3.2 closing"),
        (454, "4.7.0 too many logins", "451 4.7.0 too many logins"),
        (530, "5.7.57 not authenticated", "451 4.7.57 not authenticated"),
        (535, "5.7.8 wrong password", "451 4.7.8 wrong password"),
    ],
)  # fmt: skip
def test_a_reply_keeps_its_codes_and_its_words(code: int, text: str, line: str) -> None:
    assert passed_on(code, text, (SECRET,)).line() == f"{line}\r\n".encode()


@given(
    code=some.integers(-1, 999),
    text=some.text(max_size=2000)
    | some.binary(max_size=2000).map(lambda words: words.decode("utf-8", "surrogateescape")),
)
def test_whatever_a_provider_says_a_reply_is_one_short_line(code: int, text: str) -> None:
    line = passed_on(code, text).line().decode().removesuffix("\r\n")

    assert PRINTABLE.fullmatch(line)
    assert len(line) <= LONGEST_REPLY


@given(code=some.integers(-1, 999))
def test_no_reply_of_a_provider_ends_the_connection_or_blames_the_login(code: int) -> None:
    told = passed_on(code, "5.7.8 text")

    assert not told.is_last
    assert told.code not in {530, 535, 538}
    assert told.is_yes == (200 <= code < 300)


@given(before=some.integers(0, 600), after=some.integers(0, 600))
def test_a_reply_has_no_piece_of_a_secret(before: int, after: int) -> None:
    told = passed_on(550, "x " * before + SECRET + " y" * after, (SECRET,))

    assert "horse" not in told.text
