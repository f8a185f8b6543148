"""The author of a message is replaced, and nothing else of it."""

import email
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

import pytest
from hypothesis import assume, given, strategies as some

from mailbox_operator.decide.sending.author import author_of
from mailbox_operator.decide.sending.headers import Header, read_header
from mailbox_operator.decide.sending.phrases import MOST_BYTES, phrase
from mailbox_operator.decide.sending.rewriting import RewriteProblem, rewritten

JANE: Final = "jane@acme.example"
APP: Final = "www-data@localhost"
BODY: Final = b"\r\n\r\nFrom: somebody@else.example\r\n\r\nSender: x\r\n"


def header_of(content: bytes) -> Header:
    found = read_header(content)
    assert isinstance(found, Header), found
    return found


def rewrite(content: bytes, display_name: str = "", address: str = JANE) -> bytes | RewriteProblem:
    return rewritten(content, header_of(content), address, display_name)


def message(*fields: str) -> bytes:
    return "\r\n".join(fields).encode() + BODY


@pytest.mark.parametrize(
    ("author", "told"),
    [
        pytest.param(APP, JANE, id="an address alone"),
        pytest.param(f"<{APP}>", f"<{JANE}>", id="in angle brackets"),
        pytest.param(f"The Shop <{APP}>", f"The Shop <{JANE}>", id="a name"),
        pytest.param(f'"Shop, <{APP}>" <{APP}>', f'"Shop, <{APP}>" <{JANE}>', id="quotes"),
        pytest.param(f"Café <{APP}>", f"Café <{JANE}>", id="a name in plain UTF-8"),
        pytest.param(
            f"=?utf-8?q?Caf=C3=A9?= <{APP}>", f"=?utf-8?q?Caf=C3=A9?= <{JANE}>", id="coded"
        ),
        pytest.param(f"The\r\n\tShop\r\n <{APP}>", f"The\r\n\tShop\r\n <{JANE}>", id="folded"),
        pytest.param(f"{APP} ({APP})", f"{JANE} ({APP})", id="a comment"),
        pytest.param(f"Shop < {APP} > (a (b))", f"Shop < {JANE} > (a (b))", id="odd spaces"),
    ],
)
def test_the_address_is_replaced_and_the_name_is_kept(author: str, told: str) -> None:
    others = ("Received: by x", f"from:{author}", "X-From: <a@b>", "Subject: a\r\n b")

    assert rewrite(message(*others)) == message(*others).replace(
        f"from:{author}".encode(), f"from:{told}".encode()
    )


@pytest.mark.parametrize(
    ("name", "author", "told"),
    [
        ("Jane Doe", APP, f"Jane Doe <{JANE}>"),
        ("Jane Doe", f"<{APP}>", f"Jane Doe <{JANE}>"),
        ("Jane Doe", f"Shop <{APP}>", f"Shop <{JANE}>"),
        ("Jane Doe", f"{APP} (Shop)", f"{JANE} (Shop)"),
        ("Doe, Jane", APP, f'"Doe, Jane" <{JANE}>'),
        ('a "b" \\c', APP, f'"a \\"b\\" \\\\c" <{JANE}>'),
        ("=?utf-8?q?x?=", APP, f'"=?utf-8?q?x?=" <{JANE}>'),
        ("Zoë", APP, f"=?utf-8?q?Zo=C3=AB?= <{JANE}>"),
        ("", APP, JANE),
        ("J" * 60, APP, f"{'J' * 60}\r\n <{JANE}>"),
    ],
)
def test_the_mailbox_gives_a_name_where_there_is_none(name: str, author: str, told: str) -> None:
    found = rewrite(message(f"From: {author}", "Subject: hello"), name)

    assert found == message(f"From: {told}", "Subject: hello")


def test_who_sent_for_the_author_is_left_out() -> None:
    found = rewrite(
        message("Sender: Boss\r\n <a@b.example>", f"From: {APP}", "sender: x@y", "To: z@y")
    )

    assert found == message(f"From: {JANE}", "To: z@y")


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ("DKIM-Signature: v=1; h=from:to", RewriteProblem.SEALED),
        ("dkim-signature : v=1", RewriteProblem.SEALED),
        ("ARC-Message-Signature: i=1", RewriteProblem.SEALED),
        ("Content-Type: multipart/signed; protocol=x", RewriteProblem.SIGNED),
        ("content-type:\r\n MULTIPART/\r\n (x (y)) Signed ;a=b", RewriteProblem.SIGNED),
        ("Content-Type: application/pkcs7-mime", RewriteProblem.SIGNED),
        ("Content-Type: application/x-pkcs7-mime; smime-type=signed-data", RewriteProblem.SIGNED),
    ],
)
def test_what_it_would_break_is_refused(field: str, problem: RewriteProblem) -> None:
    assert rewrite(message(f"From: {APP}", field)) is problem


@pytest.mark.parametrize(
    "field",
    [
        "Content-Type: multipart/mixed; boundary=multipart/signed",
        "Content-Type: text/plain",
        "X-DKIM-Signature: v=1",
        "ARC-Authentication-Results: i=1; x",
    ],
)
def test_what_it_does_not_break_goes_on(field: str) -> None:
    assert isinstance(rewrite(message(f"From: {APP}", field)), bytes)


def test_a_signature_within_the_body_is_none_of_its_own() -> None:
    content = message(f"From: {APP}").replace(b"\r\n\r\n", b"\r\n\r\nDKIM-Signature: v=1\r\n", 1)

    assert isinstance(rewrite(content), bytes)


def test_a_field_that_would_get_too_long_for_a_line_is_refused() -> None:
    content = message(f"From: {'a' * 960} <a@b.example>")

    assert rewrite(content, address=f"{'j' * 60}@acme.example") is RewriteProblem.TOO_LONG


NAMES: Final = some.text(some.characters(exclude_categories=["Cc"]), max_size=256)


@given(NAMES)
def test_every_name_of_a_mailbox_is_read_as_it_is_and_fits(name: str) -> None:
    found = phrase(name)
    line = b"From: " + found + b" <" + JANE.encode() + b">"

    assert len(found) <= MOST_BYTES
    assert author_of(line.removeprefix(b"From:").replace(b"\r\n", b"")) == JANE
    if len(found) < MOST_BYTES // 2:
        shown, _ = parseaddr(line.removeprefix(b"From: ").decode().replace("\r\n", ""))
        read = shown if name.isascii() else str(make_header(decode_header(shown)))
        assert read == name.encode("utf-8", "replace").decode().strip()


def parsed(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


WORDS: Final = some.sampled_from(
    [
        "Shop ",
        '"a, <b@c>" ',
        '"\\"(" ',
        "=?utf-8?q?x?= ",
        "Café ",
        "www-data ",
        " ",
        "\r\n ",
        "\r\n\t",
    ]
)
COMMENTS: Final = some.sampled_from(["", " ", f"({APP})", "\r\n (y (z)) ", '(\\) ")', "()"])
NAMED: Final = some.builds(
    "{}{}<{}>{}".format,
    some.lists(WORDS, max_size=6).map("".join),
    *(COMMENTS, some.just(APP), COMMENTS),
)
BARE: Final = some.builds("{}{}{}".format, COMMENTS, some.just(APP), COMMENTS)
OTHERS: Final = some.lists(
    some.sampled_from(["Received: a\r\n b", "To: x@y", f"X-From: <{APP}>", "Subject: \tSender: q"]),
    max_size=4,
)


@given(
    NAMED | BARE,
    OTHERS,
    OTHERS,
    some.binary(max_size=40),
    some.sampled_from(["", "Doe, Jane", "Zoë"]),
)
def test_after_it_the_author_is_the_mailbox_and_all_else_is_as_it_was(
    value: str,
    above: list[str],
    below: list[str],
    body: bytes,
    name: str,
) -> None:
    head = "\r\n".join([*above, f"From: {value}", *below]).encode()
    content = head + b"\r\n\r\n" + body
    header = read_header(content)
    assume(isinstance(header, Header))
    assert isinstance(header, Header)

    found = rewritten(content, header, JANE, name)

    assert isinstance(found, bytes)
    assert header_of(found).author == JANE
    (read,) = parsed(found)["From"].addresses
    assert read.addr_spec == JANE
    start = len("".join(f"{each}\r\n" for each in above).encode())
    rest = content[start + len(f"From: {value}".encode()) :]
    assert found[:start] == content[:start]
    assert found.endswith(rest)
    assert len(header_of(found).fields) == len(header.fields)
