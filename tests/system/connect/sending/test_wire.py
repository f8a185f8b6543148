"""A message goes over the wire so that every server finds the same end of it."""

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.connect.smtp.wire import END_OF_DATA, wired

NASTY = some.lists(
    some.sampled_from([b".", b"..", b"\r\n", b"\n", b"\r", b"a", b"\xff", b"\r\n.\r\n", b"x" * 70])
).map(b"".join)


def plain(content: bytes) -> bytes:
    """Write out line ends as the tests expect them."""
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def read_back(wire: bytes) -> bytes:
    """Read a message as a server does: by lines, up to the one that is a dot."""
    lines = wire.split(b"\r\n")
    end = lines.index(b".")
    assert lines[end + 1 :] == [b""], "nothing may follow the end"
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:end])


@pytest.mark.parametrize(
    ("content", "wire"),
    [
        (b"", b".\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".\r\n", b"..\r\n.\r\n"),
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\n.\nb\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r.\rb\r", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\n.\r\nQUIT\r\n", b"a\r\n..\r\nQUIT\r\n.\r\n"),
        (b"a\r\r\n.b", b"a\r\n\r\n..b\r\n.\r\n"),
    ],
)
def test_a_message_is_written_with_its_dots(content: bytes, wire: bytes) -> None:
    assert b"".join(wired(content)) == wire


@given(content=NASTY | some.binary(), piece=some.integers(1, 12))
def test_a_message_arrives_as_it_was_however_it_is_cut(content: bytes, piece: int) -> None:
    wire = b"".join(wired(content, piece))

    expected = plain(content)
    ended = expected if not expected or expected.endswith(b"\r\n") else expected + b"\r\n"
    assert read_back(wire) == ended


@given(content=NASTY, piece=some.integers(1, 12))
def test_only_the_last_piece_ends_a_message(content: bytes, piece: int) -> None:
    *before, last = wired(content, piece)

    assert last.endswith(END_OF_DATA)
    assert b"\r\n.\r\n" not in b"\r\n" + b"".join(before)
