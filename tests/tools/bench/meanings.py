"""What each figure means."""

from collections.abc import Mapping
from typing import Final

MEANINGS: Final[Mapping[str, str]] = {
    "tenant_render_seconds": "s for `helm template` of a tenant with 500 mailboxes, the median of 5",
    "bare_seconds_before": "s, N logins by the bare loop, alone on the machine",
    "bare_cpu_seconds_before": "s of processor time that it took",
    "bare_seconds_with_requests": "s, N logins by the bare loop, with a GET of each Secret and a"
    " PATCH of each status",
    "bare_cpu_seconds_with_requests": "s of processor time that it took",
    "first_seconds": "s from the operator's start until an observer sees N new Mailboxes connected",
    "first_writes PATCH mailboxes/status": "requests, counted by the API server; N are needed",
    "first_writes POST events": "requests, counted by the API server",
    "idle_percent": "% of a core, while nothing is due",
    "idle_resident_mib": "MiB then",
    "scrape_seconds_idle": "s for a scrape of all series, compressed, the median of 5",
    "scrape_stall_seconds_idle": "s, the longest that /readyz had to wait meanwhile",
    "scrape_samples": "samples in a scrape",
    "restart_seconds": "s from the start after a kill until it leads again and knows all;"
    " the lease of the killed one must run out first",
    "restart_writes": "requests until 10 s later; none are needed",
    "restart_dials": "connections to the mail server until 10 s later; the few that are due",
    "scrape_seconds_busy": "s for a scrape while all are due and dialled, the median of 5",
    "scrape_stall_seconds_busy": "s, the longest that /readyz had to wait meanwhile",
}
SUFFIXES: Final[Mapping[str, str]] = {
    "_bare_cpu_seconds": "s of the bare loop's processor time",
    "_bare_seconds": "s, N logins by the bare loop, while the operator sleeps",
    "_bench_cpu_seconds": "s of the bench's own processor time: it creates, edits and watches",
    "_cpu_seconds": "s of its processor time in that phase",
    "_lag_p50_seconds": "s by which the operator's loop was late, half of the time",
    "_lag_p99_seconds": "s, 99 of 100 times",
    "_lag_most_seconds": "s, at most; the bound of a bucket",
    "_checks": "connections to the mail server in that phase",
    "_checks_per_second": "of them a second",
    "_peak_mib": "MiB, the most the operator ever had until then",
    "_overdue_first_seconds": "s by which the others were late when the first one came",
    "_overdue_last_seconds": "s by which they were late in the end",
    "_p50_seconds": "s until an observer sees it connected, for half of them",
    "_p99_seconds": "s, for 99 of 100",
    "_most_seconds": "s, for all",
    "_writes": "requests to the API server; none are needed",
    "_seconds": "s from its waking up until all is done",
}


def meaning(name: str) -> str:
    """Say what a figure means; empty for one that is not known."""
    endings = sorted(filter(name.endswith, SUFFIXES), key=len)
    return MEANINGS.get(name) or (SUFFIXES[endings[-1]] if endings else "")
