"""Has what becomes of messages logged, counted and traced; no address and no subject is in a log."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.delivery import InDoubt, Outcome, Route, Taken
from mailbox_operator.decide.sharing.memory import Memory
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import MessagePhase, Phase
from mailbox_operator.report.block import Block
from mailbox_operator.report.metrics.gateway_metrics import TURNED_AWAY, GatewayMetrics
from mailbox_operator.report.tracing.tracing import UNTRACED, Tracing

MOST_LINES: Final = 60
"""Of one namespace and outcome in a minute; beyond that at DEBUG, or a tenant could fill the log."""

LINES_SECONDS: Final = 60.0
MOST_KNOWN: Final = 10_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendingsReport:
    """Logs at DEBUG what went well, and at INFO or above what did not."""

    metrics: GatewayMetrics
    tracing: Tracing = UNTRACED
    monotonic: Callable[[], float] = time.monotonic
    _lines: Memory[tuple[str, str], tuple[float, int]] = field(
        default_factory=lambda: Memory(MOST_KNOWN, MOST_KNOWN), repr=False
    )

    def sending(self, sender: Key, route: Route) -> AbstractContextManager[None]:
        """Take note of a message on its way out, which lasts as long as the block."""
        return self.tracing.message(sender, route)

    def message_phase(self, phase: MessagePhase, /) -> AbstractContextManager[None]:
        """Take note of a phase of a message, which lasts as long as the block."""
        return Block(self.metrics.message_phases[phase].observe, self.tracing.phase(phase))

    def phase(
        self, phase: Phase, server: Endpoint | None = None, /
    ) -> AbstractContextManager[None]:
        """Take note of a phase of a login, which lasts as long as the block."""
        return Block(self.metrics.phases[phase].observe, self.tracing.phase(phase, server))

    def logged_in(self, *, accepted: bool) -> None:
        """Take note of a login at a provider or relay."""
        self.metrics.logged_in(accepted=accepted)

    def turned_away(self, sender: Key, refusal: Answer) -> None:
        """Take note of a message that was refused before anybody was dialled."""
        self.metrics.turned_away(sender, refusal)
        level = self._level(sender, TURNED_AWAY, logging.INFO)
        log.log(level, "message turned away", extra={"sender": str(sender), **_said(refusal)})

    def ended(self, sender: Key, outcome: Outcome, told: Answer, size: int, seconds: float) -> None:
        """Take note of what became of a message."""
        self.metrics.ended(sender, outcome, told, seconds)
        level = logging.WARNING if isinstance(outcome, InDoubt) else logging.INFO
        is_well = isinstance(outcome, Taken)
        level = logging.DEBUG if is_well else self._level(sender, type(outcome).__name__, level)
        trace = self.tracing.sent(outcome, told.code)
        if not log.isEnabledFor(level):
            return
        what = {"sender": str(sender), "bytes": size, "seconds": round(seconds, 3), **_said(told)}
        if trace:
            what["trace_id"] = trace
        log.log(level, "message ended", extra={"outcome": type(outcome).__name__, **what})

    def _level(self, sender: Key, outcome: str, usual: int) -> int:
        """Count a line, and lower its level where there are too many."""
        now, about = self.monotonic(), (sender.namespace, outcome)
        until, count = self._lines.recall(about, now) or (now + LINES_SECONDS, 0)
        self._lines.keep(about, (until, count + 1), until, now)
        return usual if count < MOST_LINES else logging.DEBUG


def _said(told: Answer) -> dict[str, object]:
    """Give the codes of a reply; its text may name people."""
    return {"code": told.code, "enhanced": told.enhanced}
