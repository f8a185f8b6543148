"""A line end that only some servers take for one is found, wherever a message is cut."""

from hypothesis import given, strategies as some

from mailbox_operator.decide.sending.lineends import has_lone, pieces

TEXTS = some.lists(some.sampled_from([b"\r\n", b"\n", b"\r", b"a", b".", b"\r\n.\r\n"])).map(
    b"".join
)


@given(TEXTS)
def test_a_lone_line_end_is_found_where_the_counts_differ(text: bytes) -> None:
    counts = {text.count(end) for end in (b"\r", b"\n", b"\r\n")}

    assert has_lone(text) == (len(counts) > 1)


@given(TEXTS, some.integers(1, 5))
def test_no_piece_ends_between_cr_and_lf(text: bytes, size: int) -> None:
    cut = list(pieces(text, size))

    assert b"".join(cut) == text
    assert sum(piece.count(b"\r\n") for piece in cut) == text.count(b"\r\n")
