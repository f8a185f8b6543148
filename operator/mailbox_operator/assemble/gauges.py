"""What /metrics reads off the running parts at each scrape."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from mailbox_operator.cluster.lease import Leadership
from mailbox_operator.cluster.serverclock import ServerClock
from mailbox_operator.consent.orphans import Orphans
from mailbox_operator.report.events.events import EventRecorder
from mailbox_operator.report.metrics.controller_metrics import NAME
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.metrics.states import Snapshot
from mailbox_operator.report.status.publisher import StatusPublisher
from mailbox_operator.schedule.runner import Runner
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.intake import Cluster
from mailbox_operator.watch.rights import Rights
from mailbox_operator.watch.sweep import Sweeper

Reading = tuple[str, str, Callable[[], float]]

QUEUE: Final = {"name": NAME}
CONTROLLER: Final = {"controller": NAME}


@dataclass(frozen=True, slots=True)
class Gauges:
    """The parts that are read."""

    runner: Runner
    leadership: Leadership
    sweeper: Sweeper
    cluster: Cluster
    events: EventRecorder
    publisher: StatusPublisher
    orphans: Orphans
    hearing: Hearing
    rights: Rights
    clock: ServerClock

    def add_to(self, metrics: Metrics) -> None:
        """Have them read at each scrape."""
        metrics.snapshot = self.snapshot
        for name, text, read in self._own():
            metrics.gauge(f"mailbox_operator_{name}", text, read)
        for name, text, read in self._queue():
            metrics.gauge(f"workqueue_{name}", text, read, **QUEUE)
        for name, text, read in self._controller():
            metrics.gauge(f"controller_runtime_{name}", text, read, **CONTROLLER)
        election = ("leader_election_master_status", "1 on the replica that works.")
        metrics.gauge(*election, self._leads, name=self.leadership.lock.name)

    def snapshot(self) -> Snapshot:
        """Tell how everything stands, if this replica leads."""
        if self.leadership.since is None:
            return Snapshot()
        store = self.cluster.store
        expiries = tuple(self.cluster.expiries.in_use(store))
        orphans = dict(self.orphans.counts)
        return Snapshot(self.leadership.since, store.remembered(), expiries, orphans)

    def _leads(self) -> float:
        return self.leadership.is_leading

    def _own(self) -> Iterator[Reading]:
        queue, now = self.runner.queue, self.runner.monotonic
        yield "leader", "1 on the replica that works.", self._leads
        yield "schedule_depth", "Objects that wait for their turn.", lambda: len(queue)
        late = "Lateness of the object that waits longest."
        yield "schedule_overdue_seconds", late, lambda: queue.overdue(now())
        yield "attempts_in_flight", "Attempts being made.", lambda: len(self.runner.ages)
        unwritten = "Objects with a status that the API server does not take."
        yield "statuses_unwritten", unwritten, lambda: self.publisher.unwritten
        lagging = "Objects of which the watches failed to tell at the last sweep, and since."
        yield "watch_lagging_objects", lagging, lambda: len(self.sweeper.lagging)
        deaf = "Watches that are refused, late, or that nothing arrives from."
        yield "watches_deaf", deaf, lambda: len(self.hearing.deaf)
        missing = (
            "Rights that this replica lacks; without those to list and watch it does not work."
        )
        yield "rights_missing", missing, lambda: self.rights.count
        ahead = (
            "How far this replica's clock is ahead of the API server's; negative if it is behind."
        )
        yield "clock_ahead_seconds", ahead, self.clock.ahead_seconds
        dropped = "Events since the start that were too many to be told."
        yield "events_dropped", dropped, lambda: self.events.dropped

    def _queue(self) -> Iterator[Reading]:
        queue, now = self.runner.queue, self.runner.monotonic
        yield "depth", "Keys whose time has come.", lambda: queue.due(now())
        unfinished = "Seconds of all turns that are not over."
        yield "unfinished_work_seconds", unfinished, lambda: sum(self.runner.ages)
        longest = "Seconds of the longest of them."
        yield "longest_running_processor_seconds", longest, lambda: max(self.runner.ages, default=0)

    def _controller(self) -> Iterator[Reading]:
        yield "active_workers", "Turns that are not over.", lambda: self.runner.in_flight
        most = "Turns that there may be at once."
        yield "max_concurrent_reconciles", most, lambda: self.runner.slots.total
