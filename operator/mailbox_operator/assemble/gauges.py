"""What /metrics and the probes read off the running parts, each time they are asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final

from mailbox_operator.assemble.parts import Parts
from mailbox_operator.report.health import Health
from mailbox_operator.report.metrics.controller_metrics import CONTROLLER_NAME
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.metrics.states import Snapshot

Reading = tuple[str, str, Callable[[], float]]

QUEUE: Final = {"name": CONTROLLER_NAME}
OVERDUE_SECONDS: Final = 60.0
"""An attempt that is not over so long after its timeout will never be."""

CONTROLLER_LABELS: Final = {"controller": CONTROLLER_NAME}


@dataclass(frozen=True, slots=True)
class Gauges:
    """Reads the running parts."""

    parts: Parts

    def add_to(self, metrics: Metrics) -> None:
        """Have them read at each scrape."""
        metrics.snapshot = self.snapshot
        for name, text, read in self._own():
            metrics.gauge(f"mailbox_operator_{name}", text, read)
        for name, text, read in self._queue():
            metrics.gauge(f"workqueue_{name}", text, read, **QUEUE)
        for name, text, read in self._controller():
            metrics.gauge(f"controller_runtime_{name}", text, read, **CONTROLLER_LABELS)
        election = ("leader_election_master_status", "1 on the leader.")
        metrics.gauge(*election, self._leads, name=self.parts.leadership.lock.name)

    def snapshot(self) -> Snapshot:
        """Tell how everything stands, if this replica leads, and of what it has checked itself."""
        store, works_on = self.parts.store, self.parts.dispatch.works_on
        known = store.remembered()
        checked = [each for each in known if each[1].checked and works_on(each[0])]
        if self.parts.leadership.since is None:
            return Snapshot(checked=checked)
        objects = [each for each in known if each[0].is_selected]
        expiries = tuple(self.parts.intake.expiries.in_use(store))
        orphans = dict(self.parts.orphans.counts)
        told = (objects, checked, expiries, orphans, self.parts.capacities.reports)
        return Snapshot(self.parts.leadership.since, *told)

    def _leads(self) -> float:
        return self.parts.leadership.is_leading

    def _own(self) -> Iterator[Reading]:
        queue, now = self.parts.runner.queue, self.parts.runner.monotonic
        yield "leader", "1 on the leader.", self._leads
        held = "Shards that this replica works on; all replicas together have 12."
        yield "shards", held, lambda: len(self.parts.shards.held)
        yield "schedule_depth", "Objects that wait for their turn.", lambda: len(queue)
        late = "How late the most overdue object is."
        yield "schedule_overdue_seconds", late, lambda: queue.overdue(now())
        yield "attempts_in_flight", "Attempts being made.", lambda: len(self.parts.runner.ages)
        most = "Periodic attempts that may be made at once; fewer while the event loop is late."
        yield "periodic_attempts_allowed", most, lambda: self.parts.runner.slots.leeway.allowed
        unwritten = "Objects whose status the API server refuses."
        yield "statuses_unwritten", unwritten, lambda: self.parts.publisher.unwritten
        lagging = "Objects whose changes the watches had missed at the last sweep, and still miss."
        yield "watch_lagging_objects", lagging, lambda: len(self.parts.sweeper.lagging)
        deaf = "Watches that are refused, late or silent."
        yield "watches_deaf", deaf, lambda: len(self.parts.hearing.deaf)
        missing = (
            "Rights that this replica lacks; without those to list and watch it does not work."
        )
        yield "rights_missing", missing, lambda: self.parts.rights.count
        ahead = (
            "How far this replica's clock is ahead of the API server's; negative if it is behind."
        )
        yield "clock_ahead_seconds", ahead, self.parts.api.clock.ahead_seconds
        dropped = "Events since the start that were dropped because there were too many."
        yield "events_dropped", dropped, lambda: self.parts.events.dropped

    def _queue(self) -> Iterator[Reading]:
        queue, now = self.parts.runner.queue, self.parts.runner.monotonic
        yield "depth", "Keys that are due.", lambda: queue.due(now())
        unfinished = "Seconds of all unfinished turns."
        yield "unfinished_work_seconds", unfinished, lambda: sum(self.parts.runner.ages)
        longest = "Seconds of the longest unfinished turn."
        yield (
            "longest_running_processor_seconds",
            longest,
            lambda: max(self.parts.runner.ages, default=0),
        )

    def _controller(self) -> Iterator[Reading]:
        yield "active_workers", "Unfinished turns.", lambda: self.parts.runner.in_flight
        most = "Allowed concurrent turns."
        yield "max_concurrent_reconciles", most, lambda: self.parts.runner.slots.total


def health(parts: Parts) -> Health:
    """Fit what the probes ask."""
    runner, sweeper = parts.runner, parts.sweeper

    def idle_seconds() -> float | None:
        return monotonic() - runner.beat if runner.beat else None

    def unready() -> Iterator[str]:
        """Say why this replica is not ready: what stands first explains what would follow."""
        if parts.rights.troubles():
            yield from parts.rights.troubles()
            return
        if sweeper.trouble and not sweeper.ready.is_set():
            yield f"listing: {sweeper.trouble}"
        yield from parts.hearing.troubles()
        yield from parts.rights.lacks()

    def dead() -> Iterator[str]:
        """Say which watches a new process has to open; at the start it would wait as this one does."""
        if sweeper.ready.is_set():
            yield from parts.hearing.dead()

    return Health(
        is_ready=sweeper.ready.is_set,
        idle_seconds=idle_seconds,
        oldest_seconds=lambda: max(runner.ages, default=0.0),
        longest_seconds=parts.settings.timeouts.attempt.total_seconds() + OVERDUE_SECONDS,
        lagging=lambda: len(sweeper.lagging),
        unready=unready,
        dead=dead,
    )
