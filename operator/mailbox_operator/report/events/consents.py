"""Counts and logs consents, and tells of each in an Event of its Mailbox."""

import logging
from dataclasses import dataclass
from typing import Any, Final

from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.consent import Trouble
from mailbox_operator.decide.machine.verdict import message_of
from mailbox_operator.report.events.correlator import EventType
from mailbox_operator.report.events.events import EventRecorder
from mailbox_operator.report.metrics.labels import labels_of
from mailbox_operator.report.metrics.metrics import Metrics

GIVEN: Final = "ConsentGiven"
THANKS: Final = "Consent was given in a browser, and the mailbox was proved with it."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Consents:
    """Tells of consents."""

    metrics: Metrics
    events: EventRecorder

    def began(self, mailbox: Mailbox) -> None:
        """A browser was sent out."""
        self.metrics.consents_began.labels(*labels_of(mailbox)).inc()
        log.info("consent began", extra=_about(mailbox))

    def ended(self, mailbox: Mailbox, outcome: Fault | None) -> None:
        """It came back, and this came of it; None if the mailbox was proved."""
        reason = outcome.reason if outcome else Reason.CONNECTED
        self.metrics.consents_ended.labels(*labels_of(mailbox), reason.value).inc()
        detail = outcome.detail if outcome else ""
        log.info("consent ended", extra=_about(mailbox) | {"reason": reason, "detail": detail})
        if outcome is None:
            self.events.tell(mailbox, GIVEN, THANKS, EventType.NORMAL)
        else:
            self.events.tell(mailbox, reason, message_of(mailbox, outcome), EventType.WARNING)

    def refused(self, trouble: Trouble) -> None:
        """A step was not taken."""
        self.metrics.consents_refused.labels(trouble.value).inc()
        log.info("consent refused", extra={"trouble": trouble.value})


def _about(mailbox: Mailbox) -> dict[str, Any]:
    return {"object": str(mailbox.key), "uid": mailbox.uid}
