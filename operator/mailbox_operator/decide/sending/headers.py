"""Reads of a message what the gateway has to know: who its header says it is from, and how far it came.

A field that two readers may take for two authors is refused, see `author`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.sending.author import author_of
from mailbox_operator.decide.sending.lineends import LINE_END

MOST_HEADER_BYTES: Final = 256 * 1024
IN_A_NAME: Final = bytes({*range(0x21, 0x7F)} - {ord(":")})
"""Of a field (RFC 5322 section 3.6.8)."""


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
    """

    author: str
    hops: int


def read_header(content: bytes) -> Header | HeaderProblem:
    """Read the header of a message.

    Args:
        content: The message, its lines ended by CRLF.
    """
    end = content.find(LINE_END + LINE_END) if not content.startswith(LINE_END) else 0
    section = content[: end if end >= 0 else MOST_HEADER_BYTES + 1]
    if len(section) > MOST_HEADER_BYTES:
        return HeaderProblem.TOO_LARGE
    fields = _fields(section)
    if fields is None:
        return HeaderProblem.MALFORMED
    authors = [parts for name, parts in fields if name == b"from"]
    match authors:
        case []:
            return HeaderProblem.NO_FROM
        case [parts]:
            author = author_of(b"".join(parts))
        case _:
            return HeaderProblem.MANY_FROM
    if not author:
        return HeaderProblem.UNCLEAR_FROM
    return Header(author, sum(name == b"received" for name, _ in fields))


def _fields(section: bytes) -> list[tuple[bytes, list[bytes]]] | None:
    """Split a header into fields, names in lower case, values by lines; None where that is impossible.

    A space before the colon is the old syntax, and every parser takes it.
    """
    fields = list[tuple[bytes, list[bytes]]]()
    for line in section.split(LINE_END) if section else ():
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(line)
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if not (colon and name) or name.translate(None, IN_A_NAME) or b"\0" in line:
            return None
        fields.append((name.lower(), [value]))
    return fields
