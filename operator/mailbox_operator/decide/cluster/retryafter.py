"""Reads how long another side asks to wait: in seconds, or until a date."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_RETRY_AFTER: Final = 64
"""Characters of a header that is read; a date has 29."""


def asked_seconds(wait: str, sent: str, received: datetime | None = None) -> int | None:
    """Return for how many seconds a Retry-After header asks; None if it cannot be read.

    Args:
        wait: The header.
        sent: The Date header of the same answer: a date is compared with the clock that wrote it.
        received: When the answer arrived, by the own clock; counts where there is no Date header.

    Source:
        RFC 9110 sections 10.2.3 and 6.6.1.
    """
    if max(len(wait), len(sent)) > LONGEST_RETRY_AFTER:
        return None
    if wait.isascii() and wait.isdecimal():
        return int(wait)
    until, since = _moment(wait), _moment(sent) or received
    if until is None or since is None:
        return None
    return max(0, int((until - since).total_seconds()))


def _moment(date: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    if found.tzinfo is None and "," not in date:  # the form of asctime, always in UTC
        return found.replace(tzinfo=UTC)
    return found if found.tzinfo else None
