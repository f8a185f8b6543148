"""What each figure means."""

from collections.abc import Mapping
from typing import Final

MEANINGS: Final[Mapping[str, str]] = {
    "tenant_render_seconds": "s for `helm template` of a tenant with 500 mailboxes, the median of 5",
    "bare_seconds_before": "s, N logins by the bare loop, alone on the machine",
    "bare_cpu_seconds_before": "s of processor time that it took",
    "first_seconds": "s from the operator's start until an observer sees N new Mailboxes connected",
    "first_cpu_seconds": "s of the operator's processor time for that, its start included",
    "first_api_server_cpu_seconds": "s of the API server's, until the last Event is written",
    "first_peak_mib": "MiB, the most the operator ever had until then",
    "first_writes PATCH mailboxes/status": "requests, counted by the API server; N are needed",
    "first_writes POST events": "requests, counted by the API server",
    "idle_percent": "% of a core, while nothing is due",
    "idle_resident_mib": "MiB then",
    "scrape_seconds_idle": "s for a scrape of all series, compressed, the median of 5",
    "scrape_stall_seconds_idle": "s, the longest that /readyz had to wait meanwhile",
    "scrape_samples": "samples in a scrape",
    "scrape_peak_mib": "MiB, the most the operator ever had until then",
    "restart_seconds": "s from the start after a kill until it leads again and knows all;"
    " the lease of the killed one must run out first",
    "restart_cpu_seconds": "s of its processor time until then",
    "restart_peak_mib": "MiB, the most it had until then",
    "restart_writes": "requests until 10 s later; none are needed",
    "restart_dials": "connections to the mail server until 10 s later; the few that are due",
    "bare_seconds_with_requests": "s, N logins by the bare loop, with a GET of each Secret and a"
    " PATCH of each status",
    "bare_cpu_seconds_with_requests": "s of processor time that it took",
    "bare_seconds_meanwhile": "s, N logins by the bare loop, while the operator sleeps",
    "bare_cpu_seconds_meanwhile": "s of processor time that it took",
    "refresh_seconds": "s from its waking up until N Mailboxes are dialled that were due at once",
    "refresh_cpu_seconds": "s of the operator's processor time for that",
    "refresh_peak_mib": "MiB, the most it ever had until then",
    "refresh_writes": "requests for that; none are needed",
    "newcomer_p50_seconds": "s from the creation of a Mailbox until an observer sees it connected,"
    " for half of them",
    "newcomer_p99_seconds": "s, for 99 of 100",
    "newcomer_max_seconds": "s, for all",
    "overdue_seconds_at_the_first": "s by which the others were late when the first one came",
    "overdue_seconds_at_the_last": "s by which they were late when the last one came",
    "scrape_seconds_busy": "s for a scrape while all are due and dialled, the median of 5",
    "scrape_stall_seconds_busy": "s, the longest that /readyz had to wait meanwhile",
}
