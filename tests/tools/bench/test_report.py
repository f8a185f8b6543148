"""The table says what the figures say, and what each of them means."""

from lab.stand.exposition import samples, total
from tools.bench.figures import Figures, spent, waits
from tools.bench.meanings import MEANINGS, meaning
from tools.bench.report import COLUMNS, details, rows, table

CPU = {"operator": 1.0, "api_server": 2.0, "etcd": 0.5, "mail_server": 0.7}
QUICK = {name: 0.01 for name in MEANINGS if name.startswith("scrape")}
EXPOSED = """\
# TYPE requests counter
requests_total{verb="GET",resource="mailboxes"} 3
requests_total{verb="PATCH",resource="mailboxes"} 4.0 1700000000
requests_total_created 5
up 1
"""


def phase(name: str, **more: float) -> Figures:
    """Make the figures of a phase that reaches its goals, of 1000 Mailboxes."""
    took = {"seconds": 1.0, "checks": 1000.0, "lag_p99_seconds": 0.02, "peak_mib": 100.0}
    took |= {"bare_seconds": 1.0, "bare_cpu_seconds": 1.0, "p50_seconds": 0.1, "p99_seconds": 0.2}
    return {f"{name}_{what}": value for what, value in (took | more).items()} | spent(name, {}, CPU)


PHASES = (
    "first",
    "idle",
    "scrape",
    "restart",
    "refresh",
    "refresh_again",
    "newcomers_1",
    "edits_1",
)
GOOD = dict.fromkeys(MEANINGS, 1.0) | QUICK | {"restart_writes": 0.0}
for each in PHASES:
    GOOD |= phase(each)


def missed(figures: Figures) -> list[str]:
    """List what was reached where a goal is missed."""
    return [row.reached for row in rows(figures, 1000) if row.good is False]


def line(figures: Figures, beginning: str) -> dict[str, str]:
    """Find a line of the table; its cells by column."""
    found = [row.cells for row in rows(figures, 1000) if row.what.startswith(beginning)]
    return dict(zip(COLUMNS, found[0], strict=True))


def test_the_report_says_when_every_goal_is_reached() -> None:
    assert missed(GOOD) == []


def test_the_report_says_which_goal_is_missed() -> None:
    assert missed(GOOD | phase("refresh", seconds=1.6)) == ["1.60 times"]


def test_a_check_is_compared_with_a_login_by_processor_time() -> None:
    half = phase("refresh", checks=500.0)

    assert missed(GOOD | half) == ["2.00 times"]


def test_the_report_takes_the_highest_peak() -> None:
    assert missed(GOOD | phase("restart", peak_mib=201.0)) == ["201 MiB"]


def test_every_run_of_a_wait_is_told_and_the_worst_one_is_judged() -> None:
    slow = phase("newcomers_2", p99_seconds=1.5, lag_p99_seconds=0.4)

    found = line(GOOD | slow, "a Mailbox is new")

    assert (found["reached"], found[""]) == ("p99 0.20, 1.50 s, p50 0.10, 0.10 s", "short")
    assert found["loop lag p99"] == "400 ms"


def test_waits_beside_burning_processes_have_a_goal_of_their_own() -> None:
    assert missed(GOOD | phase("contended_edits_1", p99_seconds=2.9)) == []
    assert missed(GOOD | phase("contended_edits_1", p99_seconds=3.1)) == ["p99 3.10 s, p50 0.10 s"]


def test_what_each_process_took_stands_beside_a_ratio() -> None:
    found = line(GOOD, "1,000 checks due at once")

    assert [found[name] for name in COLUMNS[4:]] == [
        "1.00 s",
        "1.00 s",
        "2.50 s",
        "0.70 s",
        "1.00 s",
        "20 ms",
    ]


def test_each_of_several_replicas_is_told_apart() -> None:
    used = spent("replicas_2", {}, {"operator_1": 1.5, "operator_2": 0.1})
    found = line(
        GOOD | used | {"replicas_2_checks_per_second": 540.0}, "checks a second, replicas: 2"
    )

    assert (found["reached"], found["processor: operator"]) == ("540", "1.50 s + 0.10 s")


def test_the_table_is_markdown() -> None:
    head, rule, *lines = table(list(rows(GOOD, 1000))).splitlines()

    assert len({len(each) for each in (head, rule, *lines)}) == 1
    assert set(rule) == set("| -")


def test_the_report_explains_what_a_figure_means() -> None:
    assert "% of a core, while nothing is due" in details({"idle_percent": 0.5})


def test_the_longest_ending_explains_a_figure() -> None:
    assert meaning("contended_refresh_bare_cpu_seconds").startswith("s of the bare loop's")


def test_99_of_a_hundred_waits_are_at_most_the_99th() -> None:
    found = waits("newcomers_1", [float(n) for n in range(100, 0, -1)])

    assert list(found.values()) == [51, 99, 100]


def test_a_process_that_began_with_the_phase_used_all_of_its_time_in_it() -> None:
    found = spent("first", {"etcd": 2.0}, {"operator": 1.0, "etcd": 2.5})

    assert found == {"first_operator_cpu_seconds": 1.0, "first_etcd_cpu_seconds": 0.5}


def test_a_scrape_reads_samples_by_their_whole_name() -> None:
    found = samples(EXPOSED, "requests_total")

    assert [(each.labels["verb"], each.value) for each in found] == [("GET", 3), ("PATCH", 4)]


def test_a_scrape_adds_up_a_metric() -> None:
    assert (total(EXPOSED, "requests_total"), total(EXPOSED, "up")) == (7, 1)
