"""Counts what becomes of grants whose Mailbox is gone, and tells people of it in Events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import parse_mailbox
from mailbox_operator.decide.grants.fate import FINAL, Fate, Settled
from mailbox_operator.decide.grants.orphan import Orphan
from mailbox_operator.decide.status.conditions import TIME_FORMAT
from mailbox_operator.report.events.correlator import EventType
from mailbox_operator.report.events.events import EventRecorder
from mailbox_operator.report.metrics.metrics import Metrics


@dataclass(frozen=True, slots=True)
class OrphanEvent:
    """An Event.

    Attributes:
        message: `{until}` is the end of the grace period.
    """

    reason: str
    message: str
    event_type: EventType = EventType.NORMAL


GONE: Final = "This Mailbox is gone."
NOTICES: Final[Mapping[Fate, OrphanEvent]] = {
    Fate.ADOPTED: OrphanEvent(
        "ConsentAdopted",
        "This Mailbox takes over what an earlier one of the same name was granted: nobody has to"
        " consent again.",
    ),
    Fate.GRACE: OrphanEvent(
        "ConsentOrphaned",
        f"{GONE} What it was granted is kept until {{until}}, for a Mailbox of the same name, address"
        " and provider.",
    ),
    Fate.RETAINED: OrphanEvent(
        "ConsentRetained",
        f"{GONE} What it was granted is kept, as its deletionPolicy says.",
    ),
    Fate.RESTORED: OrphanEvent(
        "ConsentRestored",
        "This Mailbox is not here, but a backup brought what it was granted, which is kept until the"
        " Mailbox is created or an administrator decides.",
    ),
    Fate.HELD: OrphanEvent(
        "ConsentHeld",
        f"{GONE} So are many others, so what it was granted is kept until an administrator decides.",
        EventType.WARNING,
    ),
    Fate.REVOKED: OrphanEvent("ConsentRevoked", f"{GONE} What it was granted is revoked."),
    Fate.DELETED: OrphanEvent("ConsentDeleted", f"{GONE} What it was granted is deleted."),
}
"""The Event for each fate; where the namespace is missing, there is no place for an Event."""


@dataclass(frozen=True, slots=True)
class OrphanNews:
    """Tells of grants."""

    metrics: Metrics
    events: EventRecorder

    def settled(self, settled: Settled) -> None:
        """Take note of what is done with a grant from now on."""
        fate = settled.fate
        if fate in FINAL:
            self.metrics.grants_settled.labels(fate.value).inc()
        notice = NOTICES.get(fate)
        if notice is None:
            return
        message = notice.message.format(until=settled.until.strftime(TIME_FORMAT))
        subject = settled.heir or remains_of(settled.orphan)
        self.events.tell(subject, notice.reason, message, notice.event_type)


def remains_of(orphan: Orphan) -> Subject:
    """Name the Mailbox that is gone, as far as an Event needs it."""
    key = orphan.key
    named = {"namespace": key.namespace, "name": key.name, "uid": orphan.uid}
    return parse_mailbox({"metadata": named})
