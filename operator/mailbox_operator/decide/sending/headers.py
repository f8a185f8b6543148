"""Reads of a message what the gateway has to know: who its header says it is from, and how far it came.

The From field is read by the standard library's parser, and only where that has no doubt: a field that
two parsers may read as two authors is refused.
"""

from dataclasses import dataclass
from email.errors import ObsoleteHeaderDefect, UndecodableBytesDefect
from email.headerregistry import HeaderRegistry
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

MOST_HEADER_BYTES: Final = 256 * 1024
MOST_FROM_BYTES: Final = 998
"""Of one From field, as of a line (RFC 5322 section 2.1.1); the parser's time is quadratic."""

MOST_KEPT: Final = 1024
"""Fields whose reading is kept: an application's messages have the same one."""

IN_A_NAME: Final = frozenset(range(0x21, 0x7F)) - {ord(":")}
"""Of a field (RFC 5322 section 3.6.8)."""

HARMLESS: Final = (ObsoleteHeaderDefect, UndecodableBytesDefect)
"""Defects of a display name: a dot without quotes, or letters that are not encoded."""

LINE: Final = b"\r\n"
PARSED: Final = HeaderRegistry()


class HeaderProblem(StrEnum):
    """Why a message's header cannot be vouched for."""

    TOO_LARGE = f"its header has more than {MOST_HEADER_BYTES // 1024} KiB"
    MALFORMED = "its header has a line that is no field"
    NO_FROM = "it has no From field"
    MANY_FROM = "it has more than one From field"
    UNCLEAR_FROM = "its From field is not one address by RFC 5322"


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
    end = content.find(LINE + LINE) if not content.startswith(LINE) else 0
    section = content[: end if end >= 0 else MOST_HEADER_BYTES + 1]
    if len(section) > MOST_HEADER_BYTES:
        return HeaderProblem.TOO_LARGE
    fields = _fields(section)
    if fields is None:
        return HeaderProblem.MALFORMED
    authors = [value for name, value in fields if name == b"from"]
    match authors:
        case []:
            return HeaderProblem.NO_FROM
        case [value]:
            author = _author(value)
        case _:
            return HeaderProblem.MANY_FROM
    if not author:
        return HeaderProblem.UNCLEAR_FROM
    return Header(author, sum(name == b"received" for name, _ in fields))


def _fields(section: bytes) -> list[tuple[bytes, bytes]] | None:
    """Split a header into fields, names in lower case, values unfolded; None where that is impossible.

    A space before the colon is the old syntax, and every parser takes it.
    """
    fields = list[tuple[bytes, bytes]]()
    for line in section.split(LINE) if section else ():
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = name, value + line
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if not (colon and name and IN_A_NAME.issuperset(name)) or b"\0" in value:
            return None
        fields.append((name.lower(), value))
    return fields


@lru_cache(MOST_KEPT)
def _author(value: bytes) -> str:
    """Return the one address of a From field; empty where there is not exactly one for certain."""
    if len(value) > MOST_FROM_BYTES:
        return ""
    try:
        field: Any = PARSED("From", value.decode("utf-8", "surrogateescape").strip())
        addresses, groups, defects = field.addresses, field.groups, field.defects
    except Exception:  # noqa: BLE001 - the parser raises what it likes, RecursionError among it
        return ""
    is_plain = all(group.display_name is None for group in groups)
    is_clear = all(isinstance(each, HARMLESS) for each in defects)
    return str(addresses[0].addr_spec) if len(addresses) == 1 and is_plain and is_clear else ""
