"""Which of two consents to one mailbox counts: the later one, whichever is written last."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto


class Precedence(Enum):
    """What becomes of a consent that is to be written.

    Attributes:
        COUNTS: It takes the place of what is there.
        WRITTEN: It is there already. Its token may have been rotated since, so it is not written again.
        OVERTAKEN: A later one is there, and stays.
    """

    COUNTS = auto()
    WRITTEN = auto()
    OVERTAKEN = auto()


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent, as it compares with others to the same mailbox.

    Attributes:
        name: Opaque; empty for a token that the tenant brought.
        at: When its code was exchanged, by the clock of the replica that did so; None where that is not
            known.
    """

    name: str
    at: datetime | None = None


def precedence(given: Consent, standing: Consent | None, after: str) -> Precedence:
    """Decide whether a consent takes the place of the one that is kept.

    One that was kept before the code was exchanged is the earlier one, whatever the clocks say: a
    replica whose clock is ahead must not lock out all consents to come. Clocks decide only between
    consents that were under way at the same time. A rotated token counts as the consent it came of.

    Args:
        given: The one that is to be written.
        standing: The one that is kept now; None if none is.
        after: Name of the one that was kept before the code of `given` was exchanged; empty if none.
    """
    if standing is None:
        return Precedence.COUNTS
    if standing.name == given.name:
        return Precedence.WRITTEN
    if standing.name in ("", after) or _rank(standing) < _rank(given):
        return Precedence.COUNTS
    return Precedence.OVERTAKEN


def _rank(consent: Consent) -> tuple[float, str]:
    """Put consents into an order; at the same moment, names decide, alike on all replicas."""
    return (consent.at.timestamp() if consent.at else 0.0, consent.name)
