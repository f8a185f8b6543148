"""A mistake in a credential is said by name; what may be meant is tried, and doubted if refused."""

import pytest

from mailbox_operator.decide.declared.route import Route
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.servers.lookup import by_name
from mailbox_operator.decide.texts.spelling import (
    CODED,
    DOCUMENTS,
    decoded,
    doubt_about,
    mistake_in,
)
from unit.make import ENDPOINT


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("abcd\u00a0efgh\u00a0ijkl\u00a0mnop", "contains no-break spaces"),
        ("abcd\u202fefgh", "contains no-break spaces"),
        ("s3cret\u200b", "contains zero-width spaces"),
        ("s3c\u2060ret", "contains zero-width spaces"),
        ("\ufeffs3cret", "begins with a byte order mark (BOM)"),
        ("s3cret\ufeff", "contains zero-width spaces"),
        ("abcd\u2003efgh", "contains unusual spaces (U+2003)"),
        ("abcd\u3000efgh", "contains unusual spaces (U+3000)"),
        ("s3cret\u00ad", "contains invisible characters (U+00AD)"),
        ("\u202as3cret\u202c", "contains invisible characters (U+202A)"),
        ("s3\u2028cret", "contains invisible characters (U+2028)"),
        ("s3cret\u200d", "contains invisible characters (U+200D)"),
        ("s3cret\r\nusername=jane", "contains a line break"),
        ("s3\0cret", "contains control characters (U+0000)"),
        ("s3cret\t", "contains control characters (U+0009)"),
        ("s3cret\x7f", "contains control characters (U+007F)"),
    ],
)
def test_what_nobody_types_is_named(value: str, told: str) -> None:
    assert mistake_in(value).startswith(told)


@pytest.mark.parametrize(
    "value",
    [
        "abcd efgh ijkl mnop",
        " s3cret ",
        '"s3cret"',
        "".join(map(chr, range(0x20, 0x7F))),
        "czNjcmV0LVBhNTUK",
        "pässwörd",
        "пароль",
        "密码",
        "\u0645\u06cc\u200c\u062e",
        "\U0001f468\u200d\U0001f469",
        "",
    ],
)
def test_what_may_be_meant_is_no_mistake(value: str) -> None:
    assert mistake_in(value) == ""


@pytest.mark.parametrize("key", sorted(CODED))
def test_a_secret_with_such_a_mistake_is_not_used(key: str) -> None:
    secret = Secret("jane", {key: "abcd\u00a0efgh".encode()})

    with pytest.raises(Fault) as caught:
        secret.text(key)

    assert caught.value.reason is Reason.CREDENTIALS_MISSING
    assert caught.value.facts["problem"] == f"key {key} contains no-break spaces"


def test_line_breaks_of_a_file_are_none_of_a_credential() -> None:
    assert Secret("jane", {"ca.crt": b"a\nb\n", "password": b"p\r\n"}).text("ca.crt") == "a\nb"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"\xff\xfes\0", "is UTF-16 text"),
        (b"\xfe\xff\0s", "is UTF-16 text"),
        ("s3cret\n".encode("utf-16-le"), "is UTF-16 text"),
        ("s3cret\n".encode("utf-16-be"), "is UTF-16 text"),
        ("s3cret\n".encode("utf-32"), "is UTF-16 text"),
        (b"p\xe4ss", "must be UTF-8 text"),
    ],
)
@pytest.mark.parametrize("key", sorted(CODED | DOCUMENTS))
def test_another_encoding_is_named(key: str, value: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        decoded(key, value)


@pytest.mark.parametrize("key", sorted(DOCUMENTS))
def test_a_document_is_read_past_its_byte_order_mark(key: str) -> None:
    assert decoded(key, b"\xef\xbb\xbf{}") == "{}"


@pytest.mark.parametrize("key", sorted(CODED))
def test_the_byte_order_mark_of_a_credential_is_not_removed(key: str) -> None:
    assert decoded(key, b"\xef\xbb\xbfhush") == "\ufeffhush"


@pytest.mark.parametrize("value", [b"", b"a", b"n\0o"])
def test_what_is_short_or_has_a_single_zero_byte_is_no_utf_16(value: bytes) -> None:
    assert decoded("password", value) == value.decode()


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ('"s3cret"', "quotation marks"),
        ("'s3cret'", "quotation marks"),
        ("“s3cret”", "quotation marks"),
        ("s3cret ", "space"),
        (" s3cret", "space"),
        ("czNjcmV0LVBhNTUK", "encoded twice"),
        ("czNjcmV0LVBhNTU=", "encoded twice"),
        ("s3cret\\n", "written out"),
    ],
)
def test_what_may_be_a_mistake_is_doubted(password: str, told: str) -> None:
    assert told in doubt_about(password)
    assert password not in doubt_about(password)


@pytest.mark.parametrize(
    "password",
    [
        "s3cret-Pa55",
        "abcd efgh ijkl mnop",
        "abcdefghijklmnop",
        "correcthorse",
        "test",
        '"',
        'pass"',
        "",
    ],
)
def test_an_ordinary_password_is_not_doubted(password: str) -> None:
    assert doubt_about(password) == ""


def test_a_doubt_goes_with_a_refused_password_only() -> None:
    route = Route(ENDPOINT, by_name("Gmail"))

    assert "twice" in route.advice(Reason.INVALID_CREDENTIALS, "czNjcmV0LVBhNTUK")
    assert route.advice(Reason.APP_PASSWORD_REQUIRED, "'x'").startswith(" at https://")
    assert "quotation" in route.advice(Reason.APP_PASSWORD_REQUIRED, "'x'")
    assert route.advice(Reason.PROVIDER_UNAVAILABLE, "'x'") == ""


def test_the_words_of_a_provider_go_with_the_advice() -> None:
    qq, gmx = Route(ENDPOINT, by_name("QQ")), Route(ENDPOINT, by_name("GMX"))

    assert "授权码" in qq.advice(Reason.APP_PASSWORD_REQUIRED, "s3cret")
    assert "external programs" in gmx.advice(Reason.INVALID_CREDENTIALS, "s3cret")
    assert "two-step" in gmx.advice(Reason.INVALID_CREDENTIALS, "s3cret")


@pytest.mark.parametrize(
    ("provider", "password"),
    [
        ("Gmail", "abcd efgh ijkl mnop"),
        ("Gmail", "abcdefghijklmnop"),
        ("iCloud", "abcd-efgh-ijkl-mnop"),
        ("Yahoo", "abcdefghijklmnop"),
        ("QQ", "abcdefghijklmnop"),
    ],
)
def test_a_refused_app_password_is_not_called_the_accounts_own(
    provider: str, password: str
) -> None:
    route = Route(ENDPOINT, by_name(provider))

    assert not route.wants_app_password(password)
    assert "if it was revoked" in route.advice(Reason.INVALID_CREDENTIALS, password)


@pytest.mark.parametrize("provider", ["Gmail", "iCloud", "Yahoo", "QQ", "Proton", "NetEase163"])
def test_any_other_password_is_taken_for_the_accounts_own(provider: str) -> None:
    assert Route(ENDPOINT, by_name(provider)).wants_app_password("s3cret-Pa55")


@pytest.mark.parametrize("provider", ["Zoho", "GMX", "Naver", "Microsoft365", "IONOS"])
def test_a_provider_that_may_take_the_accounts_own_password_is_not_presumed(provider: str) -> None:
    assert not Route(ENDPOINT, by_name(provider)).wants_app_password("s3cret-Pa55")
