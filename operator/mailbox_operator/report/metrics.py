"""Counts for Prometheus. States are read from the store at each scrape, so none can be stuck."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.mailbox import Mailbox
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.seen import Seen, Subject

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60)


@dataclass(slots=True)
class Metrics:
    """The operator's metrics; labels are words of the API, never a name or an address."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    attempts: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    unclassified: Counter = field(init=False)
    refreshes: Counter = field(init=False)
    consents_began: Counter = field(init=False)
    consents_ended: Counter = field(init=False)
    consents_refused: Counter = field(init=False)

    def __post_init__(self) -> None:
        labels = ("provider", "infrastructure")
        self.attempts = Counter(
            "mailbox_operator_attempts",
            "Attempts by provider, infrastructure and the reason they ended with.",
            (*labels, "reason"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "mailbox_operator_attempt_duration_seconds",
            "Duration of attempts.",
            labels,
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.unclassified = Counter(
            "mailbox_operator_unclassified_replies",
            "Replies that the table of replies does not know, by code.",
            ("provider", "code"),
            registry=self.registry,
        )
        self.refreshes = Counter(
            "mailbox_operator_token_refreshes",
            "Access tokens fetched.",
            labels,
            registry=self.registry,
        )

        self._count_consents(labels)

    def _count_consents(self, labels: tuple[str, ...]) -> None:
        self.consents_began = Counter(
            "mailbox_operator_consents_began",
            "Browsers sent to a provider.",
            labels,
            registry=self.registry,
        )
        self.consents_ended = Counter(
            "mailbox_operator_consents_ended",
            "Browsers that came back, by what came of it.",
            (*labels, "reason"),
            registry=self.registry,
        )
        self.consents_refused = Counter(
            "mailbox_operator_consents_refused",
            "Steps of a consent that were not taken, by why.",
            ("trouble",),
            registry=self.registry,
        )

    def count(self, seen: Seen, outcome: Proof | Exception, seconds: float) -> None:
        """Count an attempt."""
        labels = labels_of(seen.subject)
        self.attempts.labels(*labels, _reason(outcome)).inc()
        self.seconds.labels(*labels).observe(seconds)
        if isinstance(outcome, Fault) and outcome.reason is Reason.UNKNOWN:
            code = outcome.facts.get("code", "none")
            self.unclassified.labels(labels[0], code).inc()

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a gauge that is read at each scrape."""
        Gauge(name, text, registry=self.registry).set_function(read)

    def watch(self, subjects: Callable[[], Iterable[Subject]]) -> None:
        """Add the states of all mailboxes, read at each scrape."""
        self.registry.register(States(subjects))

    def exposition(self) -> tuple[bytes, str]:
        """Return the metrics as OpenMetrics text, and its content type."""
        text: bytes = generate_latest(self.registry)  # type: ignore[no-untyped-call]  # it ships no types
        return text, CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class States(Collector):
    """Mailboxes by what Ready says of them."""

    subjects: Callable[[], Iterable[Subject]]

    def collect(self) -> Iterator[Metric]:
        """Count them now."""
        family = GaugeMetricFamily(
            "mailbox_operator_mailboxes",
            "Mailboxes by provider, infrastructure, and status and reason of Ready.",
            labels=("provider", "infrastructure", "ready", "reason"),
        )
        tally: Tally[tuple[str, ...]] = Tally()
        for subject in self.subjects():
            if isinstance(subject, Mailbox):
                ready = subject.status.condition("Ready")
                state = (ready.status, ready.reason) if ready else ("Unknown", "Progressing")
                tally[*labels_of(subject), *state] += 1
        for labels, count in tally.items():
            family.add_metric(labels, count)
        yield family


def labels_of(subject: Subject) -> tuple[str, str]:
    """Return provider and infrastructure as label values."""
    if not isinstance(subject, Mailbox) or subject.spec is None:
        return ("none", subject.infrastructure.value)
    return (subject.spec.provider.value, subject.infrastructure.value)


def _reason(outcome: Proof | Exception) -> str:
    match outcome:
        case Proof():
            return Reason.CONNECTED.value
        case Fault():
            return outcome.reason.value
        case _:
            return Reason.INTERNAL_ERROR.value
