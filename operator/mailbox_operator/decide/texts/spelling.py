"""How credentials are miswritten: what is a mistake for certain, and what may be one.

Passwords are prepared by SASLprep (RFC 4013) or OpaqueString (RFC 8265 section 4.2), or not at all.
Neither profile lets a password contain control characters or invisible ones, and both turn every other
space into an ordinary one: what they rule out comes from copying. Everything else may be meant.
"""

import base64
import binascii
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

CODED: Final = frozenset(
    {"username", "password", "client-id", "client-secret", "tenant-id", "refresh-token"}
)
"""Keys whose value is one line that somebody typed or copied."""

DOCUMENTS: Final = frozenset({"service-account.json", "ca.crt"})
"""Keys whose value is a file in a syntax of its own, JSON or PEM."""

BOM: Final = "\ufeff"
JOINERS: Final = frozenset("\u200c\u200d")
"""They belong to words of some scripts and to emoji (RFC 5892 appendix A)."""

QUOTES: Final = ('""', "''", "``", "“”", "„“", "«»", "‘’")  # noqa: RUF001 - the very marks
SHORTEST_CODED: Final = 8

NAMES: Final = {
    "\r": "a line break",
    "\n": "a line break",
    "\u00a0": "no-break spaces",
    "\u202f": "no-break spaces",
    "\u200b": "zero-width spaces",
    "\u2060": "zero-width spaces",
    BOM: "zero-width spaces",
}
CATEGORIES: Final = {
    "Cc": "control characters",
    "Cf": "invisible characters",
    "Zl": "invisible characters",
    "Zp": "invisible characters",
    "Zs": "unusual spaces",
}
"""By Unicode's categories."""


def mistake_in(value: str) -> str:
    """Say what a credential contains by mistake, as the end of `key password ...`; empty if fine."""
    if value.isascii() and value.isprintable():
        return ""
    if value.startswith(BOM):
        return "begins with a byte order mark (BOM): save it as UTF-8 without one"
    return next((f"contains {name}" for name in map(_name_of, _suspects(value)) if name), "")


def decoded(key: str, value: bytes) -> str:
    """Decode what a key of a Secret holds.

    The byte order mark of Windows' editors means nothing in JSON or PEM, so a document is read past
    it; in a password it may be meant, so `mistake_in` refuses it by name.

    Raises:
        ValueError: It is not UTF-8; the message says what it is.

    Source:
        RFC 8259 section 8.1; RFC 7468 section 2 (what stands before a certificate is ignored).
    """
    if _is_wide(value):
        raise ValueError("is UTF-16 text, as Windows tools write it: save it as UTF-8")
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise ValueError("must be UTF-8 text") from None
    return text.removeprefix(BOM) if key in DOCUMENTS else text


def doubt_about(password: str) -> str:
    """Say what may be a mistake in a refused password, in brackets; empty if nothing is odd."""
    told = next((doubt for doubt, holds in DOUBTS.items() if holds(password)), "")
    return f" (the present password {told})" if told else ""


def _is_wide(value: bytes) -> bool:
    """Say whether it is UTF-16: by its mark, or as ASCII with a zero byte beside each letter."""
    marked = value[:2] in (b"\xff\xfe", b"\xfe\xff")
    halves = (value[::2], value[1::2]) if len(value) % 2 == 0 else ()
    return marked or any(half and not half.strip(b"\0") for half in halves)


def _suspects(value: str) -> str:
    """Return the characters to name; a joiner is one where there is nothing to join."""
    plain = all(each.isascii() for each in value if each not in JOINERS)
    return "".join(each for each in value if each not in JOINERS or plain)


def _name_of(character: str) -> str:
    """Name a character that a credential cannot contain; empty where it can."""
    if character == " ":
        return ""
    kind = CATEGORIES.get(unicodedata.category(character), "")
    return NAMES.get(character) or (kind and f"{kind} (U+{ord(character):04X})")


def _is_quoted(password: str) -> bool:
    return len(password) > 1 and password[0] + password[-1] in QUOTES


def _is_spaced(password: str) -> bool:
    return password != password.strip()


def _is_encoded(password: str) -> bool:
    """Say whether it is base64 of a readable text; chance does not write one."""
    if len(password) < SHORTEST_CODED:
        return False
    try:
        decoded = base64.b64decode(password, validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return decoded.rstrip("\r\n").isprintable()


DOUBTS: Final[Mapping[str, Callable[[str], bool]]] = {
    "stands in quotation marks: remove them unless they are part of it": _is_quoted,
    "begins or ends with a space: remove it unless it is part of it": _is_spaced,
    "reads like base64 of another text: it may be encoded twice": _is_encoded,
    "ends with \\n written out: remove it unless it is part of it": lambda text: text.endswith(
        "\\n"
    ),
}
