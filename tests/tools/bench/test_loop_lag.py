"""The lateness of the loop in a phase is read of the operator's histogram."""

from math import inf

import pytest

from tools.bench.loop_lag import Lag

EXPOSED = """\
# TYPE mailbox_operator_loop_lag_seconds histogram
mailbox_operator_loop_lag_seconds_bucket{le="0.01"} 90.0
mailbox_operator_loop_lag_seconds_bucket{le="0.1"} 98.0
mailbox_operator_loop_lag_seconds_bucket{le="10.0"} 99.0
mailbox_operator_loop_lag_seconds_bucket{le="+Inf"} 100.0
mailbox_operator_loop_lag_seconds_count 100.0
mailbox_operator_loop_lag_seconds_sum 40.0
"""
LAG = Lag.read(EXPOSED)


def test_buckets_are_read_by_their_bounds() -> None:
    assert LAG.counts == {0.01: 90, 0.1: 98, 10: 99, inf: 100}


def test_a_quantile_lies_within_its_bucket() -> None:
    assert (LAG.quantile(0.45), LAG.quantile(0.94)) == pytest.approx((0.005, 0.055))


def test_nothing_is_guessed_beyond_the_last_bound() -> None:
    assert LAG.quantile(1.0) == 10


def test_a_look_during_a_sleep_of_the_process_does_not_count() -> None:
    assert LAG.since(Lag(), sleeps=1).counts[inf] == 99


def test_a_sleep_takes_away_no_look_that_was_in_time() -> None:
    assert LAG.since(Lag(), sleeps=3).counts[inf] == 99


def test_looks_before_the_phase_do_not_count() -> None:
    assert LAG.since(LAG).quantile(0.99) == 0


def test_a_scrape_that_failed_has_no_looks() -> None:
    assert Lag.read("Cannot connect to host").quantile(0.99) == 0
