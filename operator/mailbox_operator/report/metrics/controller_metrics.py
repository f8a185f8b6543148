"""Metrics under the names of controller-runtime and client-go, so that stock dashboards work.

Source:
    controller-runtime 0.24, pkg/internal/controller/metrics and pkg/metrics; client-go, tools/metrics.
"""

from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.machine.machine import Conclusion

CONTROLLER_NAME: Final = "mailbox"
QUEUE_BUCKETS: Final = (0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
WORK_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60)
RESULTS: Final = ("success", "error", "requeue", "requeue_after")


@dataclass(slots=True)
class Workqueue:
    """What the schedule does; a look at one object is a reconciliation here."""

    registry: CollectorRegistry
    adds: Counter = field(init=False)
    retries: Counter = field(init=False)
    waits: Histogram = field(init=False)
    works: Histogram = field(init=False)
    results: Counter = field(init=False)
    errors: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    kinds: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.adds = self._counter("workqueue_adds", "Keys put in line.", "name")
        self.retries = self._counter("workqueue_retries", "Failures to be retried.", "name")
        waits = ("workqueue_queue_duration_seconds", "From the time a key was due to its turn.")
        self.waits = self._histogram(*waits, "name", QUEUE_BUCKETS)
        works = ("workqueue_work_duration_seconds", "Duration of a turn.")
        self.works = self._histogram(*works, "name", WORK_BUCKETS)
        self.errors = self._counter(
            "controller_runtime_reconcile_errors", "Turns that ended by a bug.", "controller"
        )
        seconds = ("controller_runtime_reconcile_time_seconds", "Duration of a turn.")
        self.seconds = self._histogram(*seconds, "controller", WORK_BUCKETS)
        self.results = Counter(
            "controller_runtime_reconcile",
            "Turns by result; requeue_after was scheduled again.",
            ("controller", "result"),
            registry=self.registry,
        )
        self.kinds = Counter(
            "mailbox_operator_retries",
            "Failed attempts by how they are retried.",
            ("retry",),
            registry=self.registry,
        )
        for result in RESULTS:
            self.results.labels(CONTROLLER_NAME, result)

    def added(self) -> None:
        """A key was put in line."""
        self.adds.inc()

    def started(self, late_seconds: float) -> None:
        """Its turn began, so long after its time had come."""
        self.waits.observe(late_seconds)

    def ended(self, conclusion: Conclusion | None, seconds: float, *, failed: bool) -> None:
        """Its turn ended after so long; None where nothing was done, `failed` by a bug."""
        self.works.observe(seconds)
        self.seconds.observe(seconds)
        result = "success" if conclusion is None else "requeue_after"
        if failed or (conclusion and conclusion.known.reason is Reason.INTERNAL_ERROR):
            result = "error"
            self.errors.inc()
        self.results.labels(CONTROLLER_NAME, result).inc()
        if conclusion is not None and conclusion.retry is not Retry.INTERVAL:
            self.retries.inc()
            self.kinds.labels(conclusion.retry.name.title()).inc()

    def _counter(self, name: str, text: str, label: str) -> Counter:
        return Counter(name, text, (label,), registry=self.registry).labels(CONTROLLER_NAME)

    def _histogram(self, name: str, text: str, label: str, buckets: tuple[float, ...]) -> Histogram:
        made = Histogram(name, text, (label,), buckets=buckets, registry=self.registry)
        return made.labels(CONTROLLER_NAME)


@dataclass(slots=True)
class ApiRequests:
    """What is asked of the API server; the watches are kopf's, and not counted."""

    registry: CollectorRegistry
    count: Counter = field(init=False)
    seconds: Histogram = field(init=False)

    def __post_init__(self) -> None:
        self.count = Counter(
            "rest_client_requests",
            "Requests to the API server by method and status; 0 is no answer. Watches are not counted.",
            ("method", "code"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "rest_client_request_duration_seconds",
            "Duration of requests to the API server.",
            ("verb",),
            buckets=WORK_BUCKETS,
            registry=self.registry,
        )

    def observe(self, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self.count.labels(method, str(status)).inc()
        self.seconds.labels(method).observe(seconds)
