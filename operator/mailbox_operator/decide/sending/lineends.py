"""Finds and replaces line ends that servers read differently: a CR or LF that stands alone."""

from collections.abc import Iterator
from typing import Final

LINE_END: Final = b"\r\n"
PIECE_BYTES: Final = 64 * 1024
"""Of a message that is looked through: its lines are in memory twice for so many bytes only."""


def pieces(content: bytes, piece_bytes: int) -> Iterator[bytes]:
    """Cut content into pieces of about so many bytes; none ends between CR and LF."""
    place, end = 0, len(content)
    while place < end:
        cut = min(place + piece_bytes, end)
        if content[cut - 1 : cut + 1] == LINE_END:
            cut += 1
        yield content[place:cut]
        place = cut


def has_lone(piece: bytes) -> bool:
    """Say whether a CR or LF stands alone in a piece.

    To cut it up and to look at what is left takes less than half the time of counting the three.
    """
    rest = b"".join(piece.split(LINE_END))
    return b"\r" in rest or b"\n" in rest


def with_line_ends(content: bytes) -> bytes:
    """Make a line end of each CR or LF that stands alone."""
    lines = content.replace(LINE_END, b"\n").replace(b"\r", b"\n")
    return lines.replace(b"\n", LINE_END)
