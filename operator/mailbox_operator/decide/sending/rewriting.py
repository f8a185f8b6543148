"""Replaces the address in a message's header From, and leaves every other byte as it is.

The field Sender goes: it names who sent for the author (RFC 5322 section 3.6.2), and after this the
author sends. A message whose signature is about its From field is not touched.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final

from mailbox_operator.decide.sending.author import author_of, masked
from mailbox_operator.decide.sending.headers import Header
from mailbox_operator.decide.sending.lineends import LINE_END
from mailbox_operator.decide.sending.phrases import phrase

MOST_LINE_BYTES: Final = 998
"""Of a line without its end (RFC 5322 section 2.1.1)."""

USUAL_LINE_BYTES: Final = 78
MOST_KEPT: Final = 1024
FOLD: Final = b"\r\n "
SEALS: Final = frozenset({b"dkim-signature", b"arc-message-signature"})
"""Both sign the field From, always (RFC 6376 section 5.4, RFC 8617 section 4.1.2)."""

SIGNED: Final = frozenset(
    {"multipart/signed", "application/pkcs7-mime", "application/x-pkcs7-mime"}
)
"""Their signatures are not about the header. But readers compare who signed with who it is from: S/MIME
by rule (RFC 8550 section 3), OpenPGP as its mail programs do."""


class RewriteProblem(StrEnum):
    """Why the author of a message is not replaced."""

    SEALED = "its DKIM or ARC signature covers the author"
    SIGNED = "it is signed or encrypted by S/MIME or OpenPGP, as from its author"
    TOO_LONG = "its From field is too long"


def rewritten(
    content: bytes, header: Header, address: str, display_name: str
) -> bytes | RewriteProblem:
    """Write a message as from another address.

    Args:
        content: The message.
        header: What was read of it.
        address: Plain.
        display_name: Stands in front of the address, where the message gives no name.
    """
    if problem := _problem(header):
        return problem
    pieces, place = list[bytes | memoryview](), 0
    view = memoryview(content)
    for field in header.fields:
        match field.name:
            case b"sender":
                pieces.append(view[place : field.start])
            case b"from":
                raw = content[field.value_at : field.end - len(LINE_END)]
                value = replaced(raw, header.author, address, display_name)
                if not value:
                    return RewriteProblem.TOO_LONG
                pieces += (view[place : field.value_at], value, LINE_END)
            case _:
                continue
        place = field.end
    return b"".join((*pieces, view[place:]))


def _problem(header: Header) -> RewriteProblem | None:
    if any(each.name in SEALS for each in header.fields):
        return RewriteProblem.SEALED
    kinds = (each.value for each in header.fields if each.name == b"content-type")
    return RewriteProblem.SIGNED if any(map(_is_signed, kinds)) else None


def _is_signed(value: bytes) -> bool:
    """Say whether a field Content-Type names a signed message."""
    kind = masked(value.decode("latin-1")).partition(";")[0]
    return "".join(kind.split()).lower() in SIGNED


@lru_cache(MOST_KEPT)
def replaced(raw: bytes, author: str, address: str, display_name: str) -> bytes:
    """Replace the address in the value of a From field; return nothing where that cannot be done.

    Args:
        raw: As it came, folded.
        author: The address that was read in it.
        address: What it is to be.
        display_name: What it is to be called, if it has no name and no comment.
    """
    text = raw.decode("latin-1").replace("\r\n", "  ")
    bare = masked(text)
    opening = bare.rfind("<")
    start = bare.find(author, opening + 1)
    has_name = bool(bare[: max(opening, 0)].strip()) or bare.strip() != text.strip()
    before, behind = raw[:start], raw[start + len(author) :]
    told = b"" if has_name else phrase(display_name)
    if told and opening < 0:
        before, behind = before + _spaced(told, address) + b"<", b">" + behind
    elif told:
        before = raw[:opening] + _spaced(told, address) + raw[opening:start]
    found = before + address.encode() + behind
    lines = found.split(LINE_END)
    is_short = all(len(b"From:" + line) <= MOST_LINE_BYTES for line in lines)
    return found if is_short and author_of(b"".join(lines)) == address else b""


def _spaced(told: bytes, address: str) -> bytes:
    """Write a name and what stands before the address: a space, or a new line where it gets long."""
    last = len(told.rpartition(LINE_END)[2]) + len(f"From:  <{address}>")
    return told + (b" " if last <= USUAL_LINE_BYTES else FOLD)
