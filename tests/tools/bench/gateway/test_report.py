"""The tables say what the figures of the gateway say."""

from tools.bench.figures import Figures
from tools.bench.gateway.report import comparison, rows

TOOK = {"direct": 0.0, "gateway": 0.5, "Haraka": 4.0, "Postfix": 2.0}
REST = (
    "provider_cpu_ms",
    "applications_cpu_ms",
    "per_second",
    "logins",
    "busy_p50_ms",
    "busy_p99_ms",
)
LATENCIES = ("reply_p50_ms", "reply_p99_ms", "arrival_p50_ms", "arrival_p99_ms")
CROWD = {"crowd_peak_mib": 300.0, "crowd_cpu_ms": 0.5, "crowd_logins": 0.0}


def figures(*names: str, **more: float) -> Figures:
    """Make figures that reach every goal, of some relays."""
    found = {f"{name} cpu_ms": TOOK[name] for name in names}
    found |= {f"{name} {what}": 10.0 for name in names for what in REST}
    found |= {f"{name} {what}": 1.0 + TOOK[name] for name in names for what in LATENCIES}
    return found | CROWD | more


def test_the_report_says_when_every_goal_is_reached() -> None:
    assert all(row.good is not False for row in rows(figures(*TOOK), 500))


def test_the_report_says_which_goal_is_missed() -> None:
    slow = figures(*TOOK, **{"gateway cpu_ms": 1.2})

    missed = [row.reached for row in rows(slow, 500) if row.good is False]

    assert missed == ["1.20 ms", "3.3", "1.7"]


def test_the_report_says_what_counting_costs_beside_the_same_gateway_without() -> None:
    found = figures("direct", "gateway")
    found |= {
        "gateway, with a limit cpu_ms": 0.75,
        "gateway, with a limit, 9 mailboxes cpu_ms": 1.3,
    }

    counted = [row for row in rows(found, 500) if "with a limit" in row.what]

    assert [(row.reached, row.good) for row in counted] == [
        ("0.75 ms, +0.25 ms", True),
        ("1.30 ms, +0.80 ms", False),
    ]


def test_the_report_compares_with_those_that_are_at_hand() -> None:
    what = [row.what for row in rows(figures("direct", "gateway", "Postfix"), 500)]

    assert [each for each in what if "times less" in each] == [
        "processor time, times less than Postfix"
    ]


def test_the_report_compares_what_is_counted_too() -> None:
    found = figures("direct", "gateway", "Postfix") | {"gateway, with a limit cpu_ms": 1.6}

    beside = [row for row in rows(found, 500) if "with a limit, times" in row.what]

    assert [(row.reached, row.good) for row in beside] == [("1.2", False)]


def test_the_report_subtracts_the_direct_way_from_latencies() -> None:
    lines = comparison(figures(*TOOK)).splitlines()

    assert "0.5 ms, 0.5 ms" in lines[3]


def test_the_report_says_how_late_the_loop_of_the_gateway_was() -> None:
    lines = comparison(figures(*TOOK, **{"gateway lag_p99_ms": 12.3})).splitlines()

    assert ["12 ms" in line for line in lines[2:]] == [False, True, False, False]
