"""Cuts foreign words to what may be logged."""

import re
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 300
UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]+")
ENCODED: Final = re.compile(r"(?=[A-Za-z_.-]*[0-9+/=])[A-Za-z0-9+/=_.-]{24,}")
"""A long run of the letters of base64; without a digit it is more likely a word."""


def printable(text: str) -> str:
    """Put a text on one line of plain ASCII."""
    return UNPRINTABLE.sub(" ", text)


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """Make a text short and printable, and cut out credentials and what may be one in disguise."""
    text = printable(text)
    for secret in sorted(map(printable, secrets), key=len, reverse=True):
        text = text.replace(secret, "***") if secret.strip() else text
    return ENCODED.sub("***", text)[:LONGEST]
