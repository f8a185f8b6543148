"""Splits a header into its fields, each with its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.sending.lineends import LINE_END

IN_A_NAME: Final = bytes({*range(0x21, 0x7F)} - {ord(":")})
"""Of a field (RFC 5322 section 3.6.8)."""


@dataclass(slots=True)
class Field:
    """One field of a header.

    Attributes:
        name: In lower case.
        start: Where it begins in the message.
        value_at: Where its value begins, after the colon.
        end: Where the next field begins, or the empty line.
        lines: Of its value, without their ends.
    """

    name: bytes
    start: int
    value_at: int
    end: int
    lines: list[bytes] = field(repr=False)

    @property
    def value(self) -> bytes:
        """The value, unfolded."""
        return b"".join(self.lines)


def fields_of(section: bytes) -> Sequence[Field] | None:
    """Split a header into fields; None where that is impossible.

    A space before the colon is the old syntax, and every parser takes it.

    Args:
        section: The message's beginning, up to the line end before its first empty line.
    """
    fields, place = list[Field](), 0
    for line in section.split(LINE_END) if section else ():
        start, place = place, place + len(line) + len(LINE_END)
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1].lines.append(line)
            fields[-1].end = place
            continue
        name, colon, value = line.partition(b":")
        bare = name.rstrip(b" \t")
        if not (colon and bare) or bare.translate(None, IN_A_NAME) or b"\0" in line:
            return None
        fields.append(Field(bare.lower(), start, start + len(name) + 1, place, [value]))
    return fields
