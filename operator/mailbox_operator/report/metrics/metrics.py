"""Counts for Prometheus. States are read at each scrape, so none can be stuck."""

import asyncio
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder

from mailbox_operator import __version__
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
from mailbox_operator.report.metrics.labels import labels_of
from mailbox_operator.report.metrics.states import KIND, Snapshot, States

BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60)
PHASE_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
WAIT_BUCKETS: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 86_400)
LAG_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
END_OF_EXPOSITION: Final = b"# EOF\n"
"""The last line of OpenMetrics; Prometheus' text has none."""
FASTEST: Final = 1
"""Text of labels shrinks to a twentieth at that level already."""
GZIP: Final = 31
"""The window and the header of RFC 1952, in zlib's terms."""


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
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
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
    _readings: list[tuple[Gauge, Callable[[], float]]] = field(default_factory=list)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "metrics"))

    def __post_init__(self) -> None:
        self._count_attempts()
        self._count_consents()
        self._begin_at_zero()
        self.workqueue = Workqueue(self.registry)
        self.requests = ApiRequests(self.registry)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.gauge("mailbox_operator_build_info", "1.", lambda: 1, version=__version__)

    def _count_attempts(self) -> None:
        self.attempts = self._counter(
            "attempts", "Attempts by the reason they ended with.", *KIND, "reason"
        )
        self.seconds = self._histogram("attempt_duration", "Duration of attempts.", BUCKETS, *KIND)
        phases = ("attempt_phase_duration", "Duration of an attempt's phases.", PHASE_BUCKETS)
        seconds = self._histogram(*phases, "phase")
        self.phases = {phase: seconds.labels(phase.value) for phase in Phase}
        waits = ("time_to_connected", "From a Mailbox's creation to its first connection.")
        self.waits = self._histogram(*waits, WAIT_BUCKETS, *KIND)
        lag = ("loop_lag", "How late the event loop was, ten times a second.", LAG_BUCKETS)
        self.loop_lag = self._histogram(*lag)
        self.unclassified = self._counter(
            "unclassified_replies", "Replies that no table knows, by code.", "provider", "code"
        )
        self.refreshes = self._counter("token_refreshes", "Access tokens fetched.", *KIND)
        refused = ("status_refusals", "Statuses that the API server did not take; 0 is no answer.")
        self.statuses_refused = self._counter(*refused, "code")
        self.held_back = self._counter(
            "logins_held_back", "Logins not made: too many were refused within an hour.", "scope"
        )

    def _count_consents(self) -> None:
        self.consents_began = self._counter("consents_began", "Browsers sent to a provider.", *KIND)
        self.consents_ended = self._counter(
            "consents_ended", "Browsers that came back, by what came of it.", *KIND, "reason"
        )
        self.consents_refused = self._counter(
            "consents_refused", "Steps of a consent that were not taken, by why.", "trouble"
        )
        settled = ("grants_settled", "Grants of deleted Mailboxes, by what came of them.", "fate")
        self.grants_settled = self._counter(*settled)

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
        made = Gauge(name, text, tuple(labels), registry=self.registry)
        self._readings.append((made.labels(**labels) if labels else made, read))

    async def exposition(self, accept: str, *, zipped: bool) -> tuple[bytes, str]:
        """Write the metrics out: all that is read is read at once, all that takes long in a thread.

        The thread does nothing else: name look-ups that hang must not keep anybody from seeing it.

        Args:
            accept: The header of the request, which chooses between OpenMetrics and Prometheus text.
            zipped: Whether to compress it.

        Returns:
            The body, and its content type.
        """
        for made, read in self._readings:
            made.set(read())
        states = States(self.snapshot(), self.pace, self.per_mailbox)
        encode, content_type = choose_encoder(accept)

        def parts() -> Iterator[bytes]:
            counted, *end = encode(self.registry).partition(END_OF_EXPOSITION)
            yield counted
            for family in states.families():
                yield from map(str.encode, family.written())
            yield b"".join(end)

        write = packed if zipped else b"".join
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, lambda: write(parts())), content_type

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"mailbox_operator_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        name = f"mailbox_operator_{name}_seconds"
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)


def packed(parts: Iterable[bytes]) -> bytes:
    """Compress one part after the other, so that the whole is never there at once."""
    packer = zlib.compressobj(FASTEST, wbits=GZIP)
    return b"".join([*map(packer.compress, parts), packer.flush()])


def bounded(code: str) -> str:
    """Reduce a code to one of a few hundred: whoever answers must not choose labels at will."""
    found = re.match(r"[2-5]\d\d\b|AADSTS(?=\d)|no SMTP$", code, re.ASCII)
    return found[0] if found else "other"


def _is_first(seen: Seen) -> bool:
    """Say whether a connection was never proved before: its status names the server since."""
    never = seen.status.endpoint is None and seen.known.connected is None
    return never and KINDS[seen.subject.key.kind].connects
