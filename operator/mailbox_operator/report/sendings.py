"""Has what becomes of messages logged and counted; no address and no subject is in a log."""

import logging
from dataclasses import dataclass

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.delivery import InDoubt, Outcome, Taken
from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendingsReport:
    """Logs at DEBUG what went well, and at INFO or above what did not."""

    metrics: GatewayMetrics

    def turned_away(self, sender: Key, refusal: Answer) -> None:
        """Take note of a message that was refused before anybody was dialled."""
        self.metrics.turned_away(sender, refusal)
        log.info("message turned away", extra={"sender": str(sender), **_said(refusal)})

    def ended(self, sender: Key, outcome: Outcome, told: Answer, size: int, seconds: float) -> None:
        """Take note of what became of a message."""
        self.metrics.ended(sender, outcome, told, seconds)
        level = logging.DEBUG if isinstance(outcome, Taken) else logging.INFO
        level = logging.WARNING if isinstance(outcome, InDoubt) else level
        what = {"sender": str(sender), "bytes": size, "seconds": round(seconds, 3), **_said(told)}
        log.log(level, "message ended", extra={"outcome": type(outcome).__name__, **what})


def _said(told: Answer) -> dict[str, object]:
    """Give the codes of a reply; its text may name people."""
    return {"code": told.code, "enhanced": told.enhanced}
