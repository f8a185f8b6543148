"""Reads how long another side asks to wait: in seconds, or until a date."""

from datetime import datetime
from typing import Final

from mailbox_operator.decide.cluster.httpdate import read_date

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
    until, since = read_date(wait), read_date(sent) or received
    if until is None or since is None:
        return None
    return max(0, int((until - since).total_seconds()))
