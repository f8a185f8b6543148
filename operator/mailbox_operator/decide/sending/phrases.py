"""Writes a display name as a header can hold it."""

import re
from email.header import Header
from typing import Final

MOST_BYTES: Final = 600
"""Of a display name as it is written; a longer one is cut, so that its field stays within a line."""

ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ATOMS: Final = re.compile(f"{ATOM}(?: {ATOM})*")
"""What needs no quotes (RFC 5322 section 3.2.3)."""

ENCODED: Final = "=?"
"""Begins an encoded word, as a reader would take it (RFC 2047 section 2); not within quotes."""

SPECIAL: Final = re.compile(r'(["\\])')


def phrase(name: str) -> bytes:
    """Write a display name: as it is, in quotes, or in encoded words; nothing for an empty one.

    Source:
        RFC 5322 section 3.2.4; RFC 2047 sections 2 and 5.
    """
    name = name.encode("utf-8", "replace").decode().strip()
    while len(found := _written(name)) > MOST_BYTES:
        name = name[: len(name) * MOST_BYTES // len(found)].rstrip()
    return found


def _written(name: str) -> bytes:
    if not name.isascii():
        return Header(name, "utf-8", header_name="From").encode(linesep="\r\n").encode("ascii")
    if ENCODED in name or not ATOMS.fullmatch(name):
        return b'"' + SPECIAL.sub(r"\\\1", name).encode() + b'"' if name else b""
    return name.encode()
