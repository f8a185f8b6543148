"""Reads the author out of a From field, and has no opinion where two readers may have two.

Servers and mail programs read the same field differently: some decode an encoded word before they look
for addresses, some take the first address of a source route, some drop a comment in the middle of one.
So a field is taken only if it is written plainly: a name, and one address in one piece. The standard
library's parser has to come to the same address.

Source: RFC 5322 sections 3.4 and 4.4; RFC 2047 section 5; Chen, Paxson, Jiang: Composition Kills
    (USENIX Security 2020).
"""

import re
from collections.abc import Iterator
from email.errors import ObsoleteHeaderDefect, UndecodableBytesDefect
from email.headerregistry import HeaderRegistry
from functools import lru_cache
from typing import Any, Final

MOST_FROM_BYTES: Final = 998
"""Of one From field, as of a line (RFC 5322 section 2.1.1); the parser's time is quadratic."""

MOST_KEPT: Final = 1024
"""Fields whose reading is kept: an application's messages have the same one."""

HARMLESS: Final = (ObsoleteHeaderDefect, UndecodableBytesDefect)
"""Defects of a display name: a dot without quotes, or letters that are not encoded."""

SPECIAL: Final = frozenset('<>()@,:;"\\[]')
IN_AN_ADDRESS: Final = frozenset(map(chr, range(0x21, 0x7F))) - SPECIAL
"""ASCII alone: a letter that looks like another, or folds to it, names somebody else."""

UNSEEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line for some readers, or ends the text."""

PIECE: Final = re.compile(r'\\.|[()"]', re.DOTALL)
PARSED: Final = HeaderRegistry()


@lru_cache(MOST_KEPT)
def author_of(value: bytes) -> str:
    """Return the one address of an unfolded From field; empty where that is not certain."""
    if len(value) > MOST_FROM_BYTES:
        return ""
    text = value.decode("utf-8", "surrogateescape").replace("\t", " ").strip(" ")
    author = "" if UNSEEN.search(text) else _address(masked(text).strip(" "))
    return author if author and author == _parsed(text) else ""


def _address(bare: str) -> str:
    """Return the address of a field without comments and quoted strings; empty unless it is plain."""
    name, opening, rest = bare.rpartition("<")
    if opening and not (rest.endswith(">") and SPECIAL.isdisjoint(name)):
        return ""
    address = rest.removesuffix(">").strip(" ") if opening else bare
    local, _, domain = address.partition("@")
    is_plain = local and domain and IN_AN_ADDRESS.issuperset(local + domain)
    return address if is_plain else ""


def masked(text: str) -> str:
    """Put spaces in place of comments, and letters in place of quoted strings: each keeps its place.

    Where one of them has no end, there is a parenthesis more, so that no address is found.
    """
    return "".join(_masked(text))


def _masked(text: str) -> Iterator[str]:
    depth, is_quoted, place = 0, False, 0
    for piece in PIECE.finditer(text):
        before, place = text[place : piece.start()], piece.end()
        yield _mask(before, depth, is_quoted=is_quoted)
        match piece[0]:
            case '"' if not depth:
                is_quoted = not is_quoted
                yield "q"
            case "(" if not is_quoted:
                depth += 1
                yield " "
            case ")" if depth:
                depth -= 1
                yield " "
            case other:
                yield _mask(other, depth, is_quoted=is_quoted)
    yield "(" if depth or is_quoted else text[place:]


def _mask(text: str, depth: int, *, is_quoted: bool) -> str:
    if depth:
        return " " * len(text)
    return "q" * len(text) if is_quoted else text


def _parsed(text: str) -> str:
    """Return the one address that the standard library's parser finds; empty where it has doubts.

    Encoded words are not decoded for that: they are part of the name, and their character sets are
    anybody's words, each of which Python would remember for ever.
    """
    try:
        field: Any = PARSED("From", text.replace("=?", "=_"))
        addresses, groups, defects = field.addresses, field.groups, field.defects
    except Exception:  # noqa: BLE001 - the parser raises what it likes, RecursionError among it
        return ""
    is_plain = all(group.display_name is None for group in groups)
    is_clear = all(isinstance(each, HARMLESS) for each in defects)
    return str(addresses[0].addr_spec) if len(addresses) == 1 and is_plain and is_clear else ""
