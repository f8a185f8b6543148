"""Has attempts and their phases logged, counted and traced."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from mailbox_operator.clock import now
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.refusals.ledger import RefusalScope
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Phase
from mailbox_operator.report.block import Block
from mailbox_operator.report.log import log_attempt
from mailbox_operator.report.metrics.labels import labels_of
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.tracing.tracing import UNTRACED, Tracing


@dataclass(frozen=True, slots=True)
class Observers:
    """Logs, counts and traces attempts."""

    metrics: Metrics
    tracing: Tracing = UNTRACED

    def attempting(self, seen: Seen) -> AbstractContextManager[None]:
        """Take note of an attempt, which lasts as long as the block."""
        return self.tracing.attempt(seen)

    def phase(
        self, phase: Phase, server: Endpoint | None = None, /
    ) -> AbstractContextManager[None]:
        """Take note of a phase, which lasts as long as the block."""
        return Block(self.metrics.phases[phase].observe, self.tracing.phase(phase, server))

    def attempted(self, seen: Seen, outcome: Proof | Exception, seconds: float) -> None:
        """Take note of an attempt that ended so."""
        log_attempt(seen, outcome, seconds, self.tracing.attempted(outcome))
        self.metrics.count(seen, outcome, seconds, now())

    def held_back(self, scope: RefusalScope) -> None:
        """Take note of a login that was not made: too many were refused."""
        self.metrics.held_back.labels(scope.value).inc()

    def refreshed(self, case: Case) -> None:
        """Take note of an access token that was fetched."""
        self.metrics.refreshes.labels(*labels_of(case.mailbox)).inc()
