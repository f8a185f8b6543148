"""Reads of a message what the gateway has to know: who its header says it is from, and how far it came.

A field that two readers may take for two authors is refused, see `author`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.sending.author import author_of
from mailbox_operator.decide.sending.fields import Field, fields_of
from mailbox_operator.decide.sending.lineends import LINE_END

MOST_HEADER_BYTES: Final = 256 * 1024
EARLIER: Final = frozenset({b"in-reply-to", b"references"})


class HeaderProblem(StrEnum):
    """Why a message's header cannot be vouched for."""

    TOO_LARGE = f"its header has more than {MOST_HEADER_BYTES // 1024} KiB"
    MALFORMED = "its header has a line that is no field"
    NO_FROM = "it has no From field"
    MANY_FROM = "it has more than one From field"
    UNCLEAR_FROM = "its From field is not a name and one plain address by RFC 5322"


@dataclass(frozen=True, slots=True)
class Header:
    """What a message's header says.

    Attributes:
        author: The one address of its one From field.
        hops: How many Received fields it has.
        follows: Whether it answers or follows an earlier message (RFC 5322 section 3.6.4).
        fields: All of it.
    """

    author: str
    hops: int
    follows: bool = False
    fields: Sequence[Field] = field(default=(), repr=False, compare=False)


def read_header(content: bytes) -> Header | HeaderProblem:
    """Read the header of a message.

    Args:
        content: The message, its lines ended by CRLF.
    """
    end = content.find(LINE_END + LINE_END) if not content.startswith(LINE_END) else 0
    section = content[: end if end >= 0 else MOST_HEADER_BYTES + 1]
    if len(section) > MOST_HEADER_BYTES:
        return HeaderProblem.TOO_LARGE
    fields = fields_of(section)
    if fields is None:
        return HeaderProblem.MALFORMED
    names = [each.name for each in fields]
    match names.count(b"from"):
        case 0:
            return HeaderProblem.NO_FROM
        case 1:
            author = author_of(fields[names.index(b"from")].value)
        case _:
            return HeaderProblem.MANY_FROM
    if not author:
        return HeaderProblem.UNCLEAR_FROM
    follows = not EARLIER.isdisjoint(names) and any(map(_names_another, fields))
    return Header(author, names.count(b"received"), follows, fields)


def _names_another(found: Field) -> bool:
    """Say whether a field names a message that was sent before."""
    return found.name in EARLIER and bool(found.value.strip())
