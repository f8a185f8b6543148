"""The table says what the figures say, and what each of them means."""

from lab.stand.exposition import samples, total
from tools.bench.meanings import MEANINGS
from tools.bench.report import details, rows, table

QUICK = {name: 0.1 for name in MEANINGS if name.startswith("scrape")}
GOOD = dict.fromkeys(MEANINGS, 1.0) | QUICK | {"restart_writes": 0.0}
EXPOSED = """\
# TYPE requests counter
requests_total{verb="GET",resource="mailboxes"} 3
requests_total{verb="PATCH",resource="mailboxes"} 4.0 1700000000
requests_total_created 5
up 1
"""


def test_the_report_says_when_every_goal_is_reached() -> None:
    assert all(row.good for row in rows(GOOD, 1000))


def test_the_report_says_which_goal_is_missed() -> None:
    slow = GOOD | {"refresh_seconds": 1.6}

    assert [row.reached for row in rows(slow, 1000) if not row.good] == ["1.60"]


def test_the_report_takes_the_highest_peak() -> None:
    large = GOOD | {"restart_peak_mib": 201.0}

    assert [row.reached for row in rows(large, 1000) if not row.good] == ["201 MiB"]


def test_the_report_has_a_line_for_each_goal() -> None:
    lines = table(list(rows(GOOD, 1000))).splitlines()

    assert len(lines) == 11
    assert all(line.endswith("ok") for line in lines[1:])


def test_the_report_explains_what_a_figure_means() -> None:
    assert "% of a core, while nothing is due" in details({"idle_percent": 0.5})


def test_a_scrape_reads_samples_by_their_whole_name() -> None:
    found = samples(EXPOSED, "requests_total")

    assert [(each.labels["verb"], each.value) for each in found] == [("GET", 3), ("PATCH", 4)]


def test_a_scrape_adds_up_a_metric() -> None:
    assert (total(EXPOSED, "requests_total"), total(EXPOSED, "up")) == (7, 1)
