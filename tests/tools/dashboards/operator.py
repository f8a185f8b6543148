"""The dashboard of the operator itself: whether it keeps up, and what it waits for."""

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.common import BigValueTextMode

from tools.dashboards.panels import (
    GREEN,
    NEUTRAL,
    NONE_IS_GOOD,
    ORANGE,
    RED,
    bars,
    board,
    choice,
    grown,
    lines,
    number,
)

JOB = 'job=~"$job"'
QUEUE = f'{JOB},name="mailbox"'
CONTROLLER = f'{JOB},controller="mailbox"'
UNKNOWN = f"mailbox_operator_unclassified_replies_total{{{JOB}}}"


def per_second(metric: str, labels: str = JOB) -> str:
    """Say how fast a counter grows."""
    return f"rate({metric}{{{labels}}}[$__rate_interval])"


def quantile(share: float, histogram: str, labels: str = JOB, by: str = "") -> str:
    """Say what a share of the observations stay under."""
    grouped = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({grouped}) ({per_second(f'{histogram}_bucket', labels)}))"


def quantiles(histogram: str, labels: str) -> list[tuple[str, str]]:
    """Show the median, the 95th and the 99th percentile."""
    shares = ((0.5, "median"), (0.95, "95th percentile"), (0.99, "99th percentile"))
    return [(quantile(share, histogram, labels), words) for share, words in shares]


AT_A_GLANCE = (
    number(
        "Leaders", "Replicas that are the leader; there must be exactly one.",
        f"sum(mailbox_operator_leader{{{JOB}}})", steps=((RED, 0), (GREEN, 1), (RED, 2)),
    ),
    number(
        "Shards", "Shards that some replica works on; all twelve must be.",
        f"sum(mailbox_operator_shards{{{JOB}}})", steps=((RED, 0), (GREEN, 12)),
    ),
    number("Replicas", "Replicas that are scraped.", f"count(mailbox_operator_leader{{{JOB}}})"),
    number(
        "Late by", "How late the most overdue object is.",
        f"max(mailbox_operator_schedule_overdue_seconds{{{JOB}}})", "s", ((GREEN, 0), (ORANGE, 30), (RED, 300)),
    ),
    number(
        "Watch problems", "Watches that are refused or silent, missing rights, and objects that no watch reported.",
        f"max(mailbox_operator_watches_deaf{{{JOB}}}) + max(mailbox_operator_rights_missing{{{JOB}}})"
        f" + max(mailbox_operator_watch_lagging_objects{{{JOB}}})",
        steps=((GREEN, 0), (RED, 1)),
    ),
    number(
        "Bugs", "Attempts that ended by a bug in the time shown.",
        f"sum(increase(controller_runtime_reconcile_errors_total{{{CONTROLLER}}}[$__range]))", steps=NONE_IS_GOOD,
    ),
    number(
        "Version", "The version of each replica.", f"count by (version) (mailbox_operator_build_info{{{JOB}}})", steps=NEUTRAL,
    ).text_mode(BigValueTextMode.NAME),  # type: ignore[union-attr]  # a stat
)  # fmt: skip

THE_SCHEDULE = (
    lines(
        "Objects", "Objects that are scheduled, due, and being tried.",
        [
            (f"max(mailbox_operator_schedule_depth{{{JOB}}})", "waiting"),
            (f"max(workqueue_depth{{{QUEUE}}})", "due"),
            (f"max(mailbox_operator_attempts_in_flight{{{JOB}}})", "in flight"),
            (f"max(controller_runtime_max_concurrent_reconciles{{{CONTROLLER}}})", "most in flight"),
        ], "short",
    ),
    lines("Waiting for a turn", "Time from when an object is due until its turn begins.", quantiles("workqueue_queue_duration_seconds", QUEUE), "s"),
    lines("Duration of a turn", "Time of an attempt, including writing the status.", quantiles("workqueue_work_duration_seconds", QUEUE), "s"),
    lines(
        "Turns", "Turns per second by result: success had nothing to do, requeue_after is scheduled again, error is a bug.",
        [(f"sum by (result) ({per_second('controller_runtime_reconcile_total', CONTROLLER)})", "{{result}}")], "ops", stacked=True,
    ),
    lines(
        "Retries", "Failed attempts per second, by how they are retried.",
        [(f"sum by (retry) ({per_second('mailbox_operator_retries_total')})", "{{retry}}")], "ops",
    ),
    lines(
        "Longest turn", "How long the longest current turn has taken so far.",
        [(f"max(workqueue_longest_running_processor_seconds{{{QUEUE}}})", "longest")], "s",
    ),
)  # fmt: skip

THE_MAIL_WORLD = (
    lines(
        "Attempts by provider", "95th percentile of the time of an attempt.",
        [(quantile(0.95, "mailbox_operator_attempt_duration_seconds", by="provider, infrastructure"), "{{provider}} {{infrastructure}}")], "s",
    ),
    lines(
        "Phases, 95th percentile", "95th percentile of each phase of an attempt: name, connection, TLS, login, sender, token.",
        [(quantile(0.95, "mailbox_operator_attempt_phase_duration_seconds", by="phase"), "{{phase}}")], "s",
    ),
    lines(
        "Phases, median", "Median of each phase of an attempt.",
        [(quantile(0.5, "mailbox_operator_attempt_phase_duration_seconds", by="phase"), "{{phase}}")], "s",
    ),
    lines(
        "Tokens", "Access tokens fetched per second.",
        [(f"sum by (provider, infrastructure) ({per_second('mailbox_operator_token_refreshes_total')})", "{{provider}} {{infrastructure}}")], "ops",
    ),
    bars(
        "Unknown replies", "Unknown replies in the time shown, by provider and code.",
        [(f"sum by (provider, code) {grown(UNKNOWN)} or on () vector(0)", "{{provider}} {{code}}")], steps=((ORANGE, 0),),
    ),
    lines(
        "Events held back", "Events dropped since the start because there were too many.",
        [(f"max by (instance) (mailbox_operator_events_dropped{{{JOB}}})", "{{instance}}")], "short",
    ),
)  # fmt: skip

THE_API_SERVER = (
    lines(
        "Requests", "Requests per second by method and status code; 0 means no answer. Watches are excluded.",
        [(f"sum by (method, code) ({per_second('rest_client_requests_total')})", "{{method}} {{code}}")], "reqps",
    ).span(12),
    lines(
        "Duration of requests", "95th percentile of the time of a request.",
        [(quantile(0.95, "rest_client_request_duration_seconds", by="verb"), "{{verb}}")], "s",
    ).span(12),
)  # fmt: skip

THE_PROCESS = (
    lines("Memory", "Resident memory of each replica.", [(f"process_resident_memory_bytes{{{JOB}}}", "{{instance}}")], "bytes").span(6),
    lines("Processor", "CPU cores used by each replica.", [(per_second("process_cpu_seconds_total"), "{{instance}}")], "short").span(6),
    lines("Open files", "File descriptors and sockets of each replica.", [(f"process_open_fds{{{JOB}}}", "{{instance}}")], "short").span(6),
    lines(
        "Clock", "Difference between the clock of each replica and the API server's.",
        [(f"abs(mailbox_operator_clock_ahead_seconds{{{JOB}}})", "{{instance}}")], "s",
    ).span(6),
)  # fmt: skip


def operator() -> Dashboard:
    """Make the dashboard."""
    made = board(
        "mailbox-operator", "Mailboxes: the operator", "Whether the operator keeps up, and what it waits for.",
        (
            *AT_A_GLANCE,
            "The schedule", *THE_SCHEDULE,
            "Mail servers and providers", *THE_MAIL_WORLD,
            "The API server", *THE_API_SERVER,
            "The process", *THE_PROCESS,
        ),
    )  # fmt: skip
    return made.with_variable(choice("job", "Job", "job", "leader"))
