"""Counts for Prometheus. States are read at each scrape, so none can be stuck."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS
from mailbox_operator.decide.declared.secret import read_moment
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.fate import FINAL
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.machine import Proof, reason_of
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.refusals.ledger import RefusalScope
from mailbox_operator.decide.words import Infrastructure, Phase, Provider
from mailbox_operator.report.metrics.controller_metrics import ApiRequests, Workqueue
from mailbox_operator.report.metrics.instruments import Instruments
from mailbox_operator.report.metrics.labels import labels_of
from mailbox_operator.report.metrics.states import KIND, Snapshot, States

BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60)
PHASE_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
WAIT_BUCKETS: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 86_400)


@dataclass(slots=True)
class Metrics:
    """The operator's metrics.

    Attributes:
        pace: The platform's retry intervals.
        per_mailbox: Whether every Mailbox has series of its own.
        snapshot: Tells how everything stands; asked at each scrape.
    """

    pace: Pace = field(default_factory=Pace)
    per_mailbox: bool = True
    snapshot: Callable[[], Snapshot] = Snapshot
    instruments: Instruments = field(default_factory=lambda: Instruments("mailbox_operator"))
    attempts: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    phases: Mapping[Phase, Histogram] = field(init=False)
    waits: Histogram = field(init=False)
    loop_lag: Histogram = field(init=False)
    unclassified: Counter = field(init=False)
    refreshes: Counter = field(init=False)
    held_back: Counter = field(init=False)
    consents_began: Counter = field(init=False)
    consents_ended: Counter = field(init=False)
    consents_refused: Counter = field(init=False)
    grants_settled: Counter = field(init=False)
    statuses_refused: Counter = field(init=False)
    workqueue: Workqueue = field(init=False)
    requests: ApiRequests = field(init=False)

    def __post_init__(self) -> None:
        self._count_attempts()
        self._count_consents()
        self._begin_at_zero()
        self.workqueue = Workqueue(self.registry)
        self.requests = ApiRequests(self.registry)
        self.instruments.add_process()

    @property
    def registry(self) -> CollectorRegistry:
        """All that is counted, as the library keeps it."""
        return self.instruments.registry

    def _count_attempts(self) -> None:
        self.attempts = self.instruments.counter(
            "attempts", "Attempts by the reason they ended with.", *KIND, "reason"
        )
        self.seconds = self.instruments.histogram(
            "attempt_duration", "Duration of attempts.", BUCKETS, *KIND
        )
        phases = ("attempt_phase_duration", "Duration of an attempt's phases.", PHASE_BUCKETS)
        seconds = self.instruments.histogram(*phases, "phase")
        self.phases = {phase: seconds.labels(phase.value) for phase in Phase}
        waits = ("time_to_connected", "From a Mailbox's creation to its first connection.")
        self.waits = self.instruments.histogram(*waits, WAIT_BUCKETS, *KIND)
        self.loop_lag = self.instruments.loop_lag()
        self.unclassified = self.instruments.counter(
            "unclassified_replies", "Replies that no table knows, by code.", "provider", "code"
        )
        self.refreshes = self.instruments.counter(
            "token_refreshes", "Access tokens fetched.", *KIND
        )
        refused = ("status_refusals", "Statuses that the API server did not take; 0 is no answer.")
        self.statuses_refused = self.instruments.counter(*refused, "code")
        self.held_back = self.instruments.counter(
            "logins_held_back", "Logins not made: too many were refused within an hour.", "scope"
        )

    def _count_consents(self) -> None:
        self.consents_began = self.instruments.counter(
            "consents_began", "Browsers sent to a provider.", *KIND
        )
        self.consents_ended = self.instruments.counter(
            "consents_ended", "Browsers that came back, by what came of it.", *KIND, "reason"
        )
        self.consents_refused = self.instruments.counter(
            "consents_refused", "Steps of a consent that were not taken, by why.", "trouble"
        )
        settled = ("grants_settled", "Grants of deleted Mailboxes, by what came of them.", "fate")
        self.grants_settled = self.instruments.counter(*settled)

    def _begin_at_zero(self) -> None:
        """Show what is common before it happens: a rate does not see the first count of a series."""
        for kind in product(Provider, Infrastructure):
            for counter in (self.seconds, self.waits, self.refreshes):
                counter.labels(*kind)
            self.attempts.labels(*kind, Reason.CONNECTED.value)
        for kind in product(OAUTH_PROVIDERS, Infrastructure):
            self.consents_began.labels(*kind)
            self.consents_ended.labels(*kind, Reason.CONNECTED.value)
        for scope in RefusalScope:
            self.held_back.labels(scope.value)
        for fate in FINAL:
            self.grants_settled.labels(fate.value)

    def count(self, seen: Seen, outcome: Proof | Exception, seconds: float, now: datetime) -> None:
        """Count an attempt that ended just now."""
        labels = labels_of(seen.subject)
        self.attempts.labels(*labels, reason_of(outcome).value).inc()
        self.seconds.labels(*labels).observe(seconds)
        if isinstance(outcome, Fault) and outcome.reason is Reason.UNKNOWN:
            code = bounded(outcome.facts.get("code", ""))
            self.unclassified.labels(labels[0], code).inc()
        if not isinstance(outcome, Proof) or not _is_first(seen):
            return
        created = read_moment(seen.subject.created)
        if created is not None:
            self.waits.labels(*labels).observe(max(0.0, (now - created).total_seconds()))

    def status_refused(self, code: int) -> None:
        """Count a status that the API server did not take."""
        self.statuses_refused.labels(str(code)).inc()

    def gauge(self, name: str, text: str, read: Callable[[], float], /, **labels: str) -> None:
        """Add a gauge that is read at each scrape."""
        self.instruments.gauge(name, text, read, **labels)

    async def exposition(self, accept: str, *, zipped: bool) -> tuple[bytes, str]:
        """Write the metrics out, and how everything stands now; see `Instruments.exposition`."""
        states = States(self.snapshot(), self.pace, self.per_mailbox)
        return await self.instruments.exposition(accept, zipped=zipped, more=written(states))


def written(states: States) -> Iterator[bytes]:
    """Write the states out, in parts."""
    for family in states.families():
        yield from map(str.encode, family.written())


def bounded(code: str) -> str:
    """Reduce a code to one of a few hundred: whoever answers must not choose labels at will."""
    found = re.match(r"[2-5]\d\d\b|AADSTS(?=\d)|no SMTP$", code, re.ASCII)
    return found[0] if found else "other"


def _is_first(seen: Seen) -> bool:
    """Say whether a connection was never proved before: its status names the server since."""
    never = seen.status.endpoint is None and seen.known.connected is None
    return never and KINDS[seen.subject.key.kind].connects
