"""Who a message says it is from."""

import codecs

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.sending.author import MOST_FROM_BYTES
from mailbox_operator.decide.sending.headers import (
    MOST_HEADER_BYTES,
    Header,
    HeaderProblem,
    read_header,
)

OWN = "noreply@acme.example"
FOREIGN = "ceo@other.example"

CLEAR = [
    OWN,
    f"<{OWN}>",
    f'"Acme" <{OWN}>',
    f"Acme Inc. <{OWN}>",
    f"acme.example <{OWN}>",
    f"=?utf-8?q?Caf=C3=A9?= <{OWN}>",
    f"Café <{OWN}>",
    f"{OWN} (the shop)",
    f"A (b) <{OWN}> (c)",
    f'"{FOREIGN}" <{OWN}>',
    f"{OWN} ({FOREIGN})",
    f"Acme\r\n <{OWN}>",
    f"Acme\r\n\t<{OWN}>",
    "=?utf-8?q?x=3Cceo=40other.example=3E?= <noreply@acme.example>",
    f'"Jane \\" (Shop" <{OWN}>',
    f'"CEO <{FOREIGN}>" <{OWN}>',
    f"A (b (c) \\) d) <{OWN}>",
    f"=?nobodys-charset?q?x?= <{OWN}>",
    f"Acme < {OWN} >",
]

UNCLEAR = [
    "",
    "<>",
    "nobody",
    "undisclosed-recipients:;",
    f"friends: {OWN};",
    f"{OWN}, {FOREIGN}",
    f"{OWN},<{FOREIGN}>",
    f"{OWN} <{FOREIGN}>",
    f"{OWN}\r\n <{FOREIGN}>",
    f"<{OWN}> {FOREIGN}",
    f"<{OWN}><{FOREIGN}>",
    f"<{OWN}> <{FOREIGN}>",
    f"{OWN};{FOREIGN}",
    f"{OWN} {FOREIGN}",
    f"<{OWN}",
    f"{OWN}>",
    f"{OWN}@other.example",
    f"=?utf-8?q?{OWN.replace('@', '=40')}?=",
    f"<{OWN}\x01>",
    "(" * 900,
    f"=?utf-8?q?x=3C{FOREIGN}=3E?= <{OWN}>",
    f"=?utf-8?q?<{FOREIGN}>,?= <{OWN}>",
    "=?utf-8?q?noreply?=@acme.example",
    f"<@other.example:{OWN}>",
    f"<@other.example,@b:{OWN}>",
    f"noreply({FOREIGN})@acme.example",
    f"noreply@({FOREIGN})acme.example",
    "noreply @ acme . example",
    '"noreply"@acme.example',
    f"<{OWN}>,",
    f",<{OWN}>",
    f"<>,<{OWN}>",
    f"<{FOREIGN}\\>, <{OWN}>",
    f'"{FOREIGN}\\" <{OWN}>',
    f"({FOREIGN} <{OWN}>",
    f"(\\) {OWN}",
    f"{OWN})",
    f"{OWN}\x0b",
    f"{OWN}\x1c<{FOREIGN}>",
    f"\x1b$B<{FOREIGN}>\x1b(B <{OWN}>",
    f"{OWN}\u2028",
    f"{OWN}\x85From: {FOREIGN}",
    f"\xa0{OWN}",
    "nöreply@acme.example",
    "noreply@acme\u3002example",
    "noreply@\uff41cme.example",
    f"{'a' * MOST_FROM_BYTES} <{OWN}>",
]

LOOKALIKES = [
    ("sales@acme.example", "\u017fales@acme.example"),
    ("jane@shop.example", "jane@\u017fhop.example"),
]
"""An address, and another that Unicode folds to it."""


def message(*fields: str) -> bytes:
    return "\r\n".join([*fields, "Subject: hello", "", "From: in the body", ""]).encode()


@pytest.mark.parametrize("value", CLEAR)
def test_a_from_field_with_one_address_is_read(value: str) -> None:
    assert read_header(message(f"From: {value}")) == Header(OWN, 0)


@pytest.mark.parametrize("value", UNCLEAR)
def test_a_from_field_that_may_mean_another_author_is_refused(value: str) -> None:
    assert read_header(message(f"From: {value}")) is HeaderProblem.UNCLEAR_FROM


@pytest.mark.parametrize(("address", "lookalike"), LOOKALIKES)
def test_a_letter_that_folds_to_another_names_somebody_else(address: str, lookalike: str) -> None:
    assert read_header(message(f"From: {address}")) == Header(address, 0)
    assert read_header(message(f"From: {lookalike}")) is HeaderProblem.UNCLEAR_FROM


def test_no_character_set_of_a_message_is_looked_up() -> None:
    asked: list[str] = []
    codecs.register(asked.append)
    try:
        read = read_header(message(f"From: =?nobodys_set?q?x?= <{OWN}>"))
    finally:
        codecs.unregister(asked.append)

    assert read == Header(OWN, 0)
    assert asked == []


def test_a_foreign_author_behind_a_quoted_own_address_is_found() -> None:
    assert read_header(message(f'From: "{OWN}" <{FOREIGN}>')) == Header(FOREIGN, 0)


@pytest.mark.parametrize("name", ["from", "FROM", "From ", "From\t"])
def test_a_from_field_is_found_however_its_name_is_written(name: str) -> None:
    assert read_header(message(f"{name}: {OWN}")) == Header(OWN, 0)
    assert read_header(message(f"From: {OWN}", f"{name}: {FOREIGN}")) is HeaderProblem.MANY_FROM


def test_a_message_without_a_from_field_is_refused() -> None:
    assert read_header(message()) is HeaderProblem.NO_FROM
    assert read_header(b"\r\nFrom: in the body\r\n") is HeaderProblem.NO_FROM
    assert read_header(b"") is HeaderProblem.NO_FROM


@pytest.mark.parametrize(
    "line", ["no field", ": no name", f"Fr\x7fom: {OWN}", f"From {OWN}", "X: a\0b", "\0From: a"]
)
def test_a_header_with_a_line_that_is_no_field_is_refused(line: str) -> None:
    assert read_header(message(line, f"From: {OWN}")) is HeaderProblem.MALFORMED


def test_a_header_that_begins_with_a_folded_line_is_refused() -> None:
    assert read_header(message(" folded", f"From: {OWN}")) is HeaderProblem.MALFORMED


def test_a_header_without_a_body_is_read() -> None:
    assert read_header(f"From: {OWN}".encode()) == Header(OWN, 0)


def test_a_header_that_is_too_large_is_refused_and_a_large_body_is_not() -> None:
    large = "X: " + "a" * MOST_HEADER_BYTES

    assert read_header(message(f"From: {OWN}", large)) is HeaderProblem.TOO_LARGE
    assert read_header(message(large)) is HeaderProblem.TOO_LARGE
    assert read_header(large.encode()) is HeaderProblem.TOO_LARGE
    assert read_header(message(f"From: {OWN}") + large.encode()) == Header(OWN, 0)


def test_hops_are_counted() -> None:
    assert read_header(message("Received: a", "received: b", f"From: {OWN}")) == Header(OWN, 2)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_a_header_is_read_or_refused(content: bytes) -> None:
    read = read_header(b"From:" + content)

    assert isinstance(read, HeaderProblem) or "@" in read.author
