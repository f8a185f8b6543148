"""Cuts foreign words to what may be logged: first to length, so that a long text costs no more."""

import re
from collections.abc import Collection
from typing import Final

LONGEST_DETAIL: Final = 300
UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]+")
ENCODED: Final = re.compile(r"[A-Za-z0-9+/=_.-]{24,}")
"""A long run of the letters of base64; without a digit it is more likely a word."""

NO_LETTERS: Final = frozenset("0123456789+/=")
TAIL: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_.-"


def printable(text: str) -> str:
    """Put a text on one line of plain ASCII."""
    is_plain = text.isascii() and text.isprintable()
    return text if is_plain else UNPRINTABLE.sub(" ", text)


def scrubbed(text: str, secrets: Collection[str], most: int = LONGEST_DETAIL) -> str:
    """Make a text short and printable, and cut out credentials and what may be one in disguise.

    What is read is a little more than what is kept: a credential that begins within is there whole,
    and one that is cut off at the end goes with the end.

    Args:
        text: As it came.
        secrets: What is cut out.
        most: Characters that are kept.
    """
    longest = max(map(len, secrets), default=0)
    read = 2 * most + longest
    cut = printable(text[:read])
    for secret in sorted(map(printable, secrets), key=len, reverse=True):
        cut = cut.replace(secret, "***") if secret.strip() else cut
    if len(text) > read:
        cut = cut[: len(cut) - longest].rstrip(TAIL)
    return ENCODED.sub(_disguised, cut)[:most]


def _disguised(run: re.Match[str]) -> str:
    return run[0] if NO_LETTERS.isdisjoint(run[0]) else "***"
