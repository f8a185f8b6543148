"""What is logged of foreign words is short, printable and harmless, and still of use."""

import pytest

from mailbox_operator.connect.scrub import scrubbed


def test_keeps_the_words_that_help() -> None:
    words = "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"

    assert scrubbed(words, ()) == words


def test_cuts_what_is_long_or_unprintable() -> None:
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
def test_cuts_out_secrets(text: str, secrets: tuple[str, ...], told: str) -> None:
    assert scrubbed(text, secrets) == told
