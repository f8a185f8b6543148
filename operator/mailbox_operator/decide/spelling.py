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
    "\ufeff": "zero-width spaces",
}
KINDS: Final = {
    "Cc": "control characters",
    "Cf": "invisible characters",
    "Zl": "invisible characters",
    "Zp": "invisible characters",
    "Zs": "unusual spaces",
}
"""By Unicode's categories."""


def mistake_in(value: str) -> str:
    """Say what a credential contains by mistake, as the end of `key password ...`; empty if fine."""
    if value.startswith("\ufeff"):
        return "begins with a byte order mark (BOM): save it as UTF-8 without one"
    return next((f"contains {name}" for name in map(_name_of, _suspects(value)) if name), "")


def undecodable(value: bytes) -> str:
    """Say what bytes are that are no UTF-8."""
    if value[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "is UTF-16 text, as Windows tools write it: save it as UTF-8"
    return "must be UTF-8 text"


def doubt_about(password: str) -> str:
    """Say what may be a mistake in a refused password, in brackets; empty if nothing is odd."""
    told = next((doubt for doubt, holds in DOUBTS.items() if holds(password)), "")
    return f" (the present password {told})" if told else ""


def _suspects(value: str) -> str:
    """Return the characters to name; a joiner is one where there is nothing to join."""
    plain = all(each.isascii() for each in value if each not in JOINERS)
    return "".join(each for each in value if each not in JOINERS or plain)


def _name_of(character: str) -> str:
    """Name a character that a credential cannot contain; empty where it can."""
    if character == " ":
        return ""
    kind = KINDS.get(unicodedata.category(character), "")
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
