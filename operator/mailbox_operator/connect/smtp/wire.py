"""Writes a message as SMTP carries it: lines ended by CRLF, and a dot before each that begins with one.

A message is written in pieces, so that a large one is never in memory twice, and the loop is held for
less than a millisecond at a time.
"""

from collections.abc import Iterator
from typing import Final

PIECE_BYTES: Final = 64 * 1024
END_OF_DATA: Final = b".\r\n"


def wired(content: bytes, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
    """Write a message in pieces, the last of which ends with the line that ends it.

    Lone CR and lone LF become CRLF before dots are added: a line break that only some servers take for
    one must not decide where the message ends.

    Source: RFC 5321, sections 2.3.8 and 4.5.2.
    """
    end, begins_line, place = len(content), True, 0
    while place < end:
        cut = min(place + piece_bytes, end)
        if content[cut - 1 : cut + 1] == b"\r\n":
            cut += 1
        piece = content[place:cut]
        if not piece.count(b"\r\n") == piece.count(b"\n") == piece.count(b"\r"):
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        stuffed = piece.replace(b"\n.", b"\n..")
        begin = b"." if begins_line and piece.startswith(b".") else b""
        begins_line, place = piece.endswith(b"\n"), cut
        if place < end:
            yield begin + stuffed
        else:
            yield begin + stuffed + (b"" if begins_line else b"\r\n") + END_OF_DATA
    if not end:
        yield END_OF_DATA
