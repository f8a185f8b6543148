"""Writes a message as SMTP carries it: lines ended by CRLF, and a dot before each that begins with one.

A message is written in pieces, so that a large one is never in memory twice, and the loop is held for
less than a millisecond at a time.
"""

from collections.abc import Iterator
from typing import Final

from mailbox_operator.decide.sending.lineends import (
    LINE_END,
    PIECE_BYTES,
    has_lone,
    pieces,
    with_line_ends,
)

END_OF_DATA: Final = b".\r\n"


def wired(content: bytes, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
    """Write a message in pieces, the last of which ends with the line that ends it.

    Lone CR and lone LF become CRLF before dots are added: a line break that only some servers take for
    one must not decide where the message ends.

    Source: RFC 5321, sections 2.3.8 and 4.5.2.
    """
    begins_line, waiting = True, b""
    for piece in pieces(content, piece_bytes):
        if waiting:
            yield waiting
        lines = with_line_ends(piece) if has_lone(piece) else piece
        begin = b"." if begins_line and lines.startswith(b".") else b""
        waiting = begin + lines.replace(b"\r\n.", b"\r\n..")
        begins_line = lines.endswith(LINE_END)
    yield waiting + (b"" if begins_line else LINE_END) + END_OF_DATA
