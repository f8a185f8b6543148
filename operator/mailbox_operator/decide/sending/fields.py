"""Splits a header into its fields, each with its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.sending.lineends import LINE_END

FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:([^\0\r]*(?:\r\n[ \t][^\0\r]*)*)(?=\r\n|\Z)")
"""A name has all of printable ASCII but the colon (RFC 5322 section 3.6.8)."""


@dataclass(slots=True)
class Field:
    """One field of a header.

    Attributes:
        name: In lower case.
        start: Where it begins in the message.
        value_at: Where its value begins, after the colon.
        end: Where the next field begins, or the empty line.
        folded: Its value, as it came.
    """

    name: bytes
    start: int
    value_at: int
    end: int
    folded: bytes = field(repr=False)

    @property
    def value(self) -> bytes:
        """The value, unfolded."""
        return self.folded.replace(LINE_END, b"")


def fields_of(section: bytes) -> Sequence[Field] | None:
    """Split a header into fields; None where that is impossible.

    A space before the colon is the old syntax, and every parser takes it.

    Args:
        section: The message's beginning, up to the line end before its first empty line.
    """
    fields, place, size, gap = list[Field](), 0, len(section), len(LINE_END)
    while section and place <= size:
        found = FIELD.match(section, place)
        if found is None:
            return None
        start, place = place, found.end() + gap
        fields.append(Field(found[1].lower(), start, found.start(2), place, found[2]))
    return fields
