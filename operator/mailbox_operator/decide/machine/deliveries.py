"""What messages tell of a mailbox: for a while, mail that went through is as good as a check."""

from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Standing

LONGEST_UNCHECKED: Final = timedelta(days=1)
"""A note can be forged by the Mailbox's owner, and mail proves no ownership of an address."""

LIMIT_LASTS: Final = timedelta(hours=1)
"""Providers count over a day, and do not say when they take mail again."""

CLOCK_SKEW: Final = timedelta(minutes=5)
"""By so much the clock of a gateway may be ahead of the operator's, and its note of a limit counts."""


def spared(seen: Seen, now: datetime) -> timedelta:
    """Say for how long a healthy mailbox needs no check because mail goes through it."""
    sent, checked = seen.subject.deliveries.sent, seen.known.connected
    is_healthy = seen.status.standing is Standing.CONNECTED
    if sent is None or checked is None or not is_healthy or not checked <= sent <= now:
        return timedelta()
    until = min(sent + seen.subject.check_interval, checked + LONGEST_UNCHECKED)
    return max(until - now, timedelta())


def limit_met(subject: Subject, now: datetime) -> Fault | None:
    """Say that the sending limit was reached within the last hour; None if it was not.

    A note counts when it arrives, though the clock of its writer is a little ahead. The rest is up to
    the end of the note, so that the next look is not told the same again.
    """
    limited = subject.deliveries.limited
    if subject.platform or limited is None or not -CLOCK_SKEW <= now - limited < LIMIT_LASTS:
        return None
    rest = LIMIT_LASTS - (now - limited)
    return Fault(Reason.SENDING_LIMIT_REACHED, facts={"code": "met in sending"}, retry_after=rest)


def is_limit_news(seen: Seen, now: datetime) -> bool:
    """Say whether a limit was reached that the status does not tell of."""
    return (
        seen.status.reason != Reason.SENDING_LIMIT_REACHED
        and limit_met(seen.subject, now) is not None
    )
