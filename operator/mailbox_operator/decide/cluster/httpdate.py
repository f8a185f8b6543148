"""Reads the dates of HTTP headers."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_date(text: str) -> datetime | None:
    """Read a date of HTTP, in UTC; None where it is none.

    Source:
        RFC 9110 section 5.6.7: three forms, of which that of asctime names no zone, and is in UTC.
        RFC 5322 section 3.3: so is what has -0000 as its zone.
    """
    try:
        found = parsedate_to_datetime(text)
        if found.tzinfo is None:
            is_utc = "," not in text or "-0000" in text
            return found.replace(tzinfo=UTC) if is_utc else None
        return found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
