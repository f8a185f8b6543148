"""What is logged of foreign words is short, printable and harmless, and still of use."""

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.texts.scrub import scrubbed


def test_the_scrubber_keeps_the_words_that_help() -> None:
    words = "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"

    assert scrubbed(words, ()) == words


def test_the_scrubber_cuts_what_is_long_or_unprintable() -> None:
    assert scrubbed("a\r\n\x1b[31mb " + "c " * 500, ()) == ("a [31mb " + "c " * 500)[:300]


@pytest.mark.parametrize(
    ("text", "secrets", "told"),
    [
        ("no hunter2 here", ("hunter2",), "no *** here"),
        ("hunter22", ("hunter2", "hunter22"), "***"),
        ("nothing", ("", " "), "nothing"),
        ("token dXNlcj1qYW5lQGFjbWUuZXhhbXBsZQE=", (), "token ***"),
        ("MapiExceptionLogonFailed", (), "MapiExceptionLogonFailed"),
    ],
)
def test_the_scrubber_cuts_out_secrets(text: str, secrets: tuple[str, ...], told: str) -> None:
    assert scrubbed(text, secrets) == told


@given(
    before=st.integers(0, 1200),
    after=st.integers(0, 1200),
    secret=st.text("ABCDEFGHIJ 0", min_size=8, max_size=700).filter(str.strip),
    times=st.integers(1, 4),
)
def test_no_piece_of_a_secret_is_left_wherever_a_text_is_cut(
    before: int, after: int, secret: str, times: int
) -> None:
    text = ("x" * before + secret) * times + "y" * after

    told = scrubbed(text, (secret, secret[:5]))

    pieces = {secret[start : start + 8] for start in range(len(secret) - 7)}
    assert not any(piece in told for piece in pieces if piece.strip())


def test_a_long_run_of_letters_is_cut_and_a_token_that_is_cut_off_is_not_shown() -> None:
    assert scrubbed("word " * 100 + "a" * 100_000, ()) == ("word " * 100)[:300]
    assert scrubbed("w " * 120 + "dXNlcj1qYW5lQGFjbWUuZXhhbXBsZQE9" * 1000, ()) == "w " * 120
