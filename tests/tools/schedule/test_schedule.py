"""100,000 Mailboxes on four replicas, and fewer at the same rate: what the schedule makes of them."""

from collections import Counter
from dataclasses import replace
from typing import Final

import pytest

from tools.schedule.figures import Figures
from tools.schedule.plan import PROVIDERS, Fleet
from tools.schedule.replica import play_all

FLEET: Final = Fleet(
    mailboxes=1_000, replicas=1, tenants=11, interval=24.0, newcomers=11, rounds=3, per_host=10
)
"""As many checks a second as one of four replicas has of 100,000 Mailboxes every ten minutes."""


@pytest.fixture(scope="module")
def spread() -> Figures:
    return Figures.of(FLEET, play_all(FLEET))


@pytest.fixture(scope="module")
def overdue() -> Figures:
    fleet = replace(FLEET, overdue=True, rounds=1)
    return Figures.of(fleet, play_all(fleet))


def test_the_fleet_has_the_rate_of_a_hundred_thousand_mailboxes() -> None:
    large = Fleet()

    assert FLEET.mailboxes / FLEET.interval == large.mailboxes / large.replicas / large.interval
    assert FLEET.part == large.part


def test_no_periodic_check_is_late_while_checks_are_spread(spread: Figures) -> None:
    assert spread.late < 1
    assert spread.gap <= FLEET.longest_pause + FLEET.check_seconds + 1


def test_checks_are_spread_evenly_over_the_interval(spread: Figures) -> None:
    assert spread.quietest > 0.8 * spread.a_second
    assert spread.busiest < 1.2 * spread.a_second


def test_replicas_have_about_as_many_mailboxes_each() -> None:
    fleet = Fleet()

    parts = Counter(map(fleet.replica, fleet.named()))

    assert sum(parts.values()) == fleet.mailboxes
    assert max(parts.values()) < 1.02 * fleet.mailboxes / fleet.replicas


def test_newcomers_do_not_wait_behind_checks_that_are_overdue(overdue: Figures) -> None:
    assert overdue.late > 1
    assert overdue.newcomer < 1


def test_tenants_take_turns_while_all_of_them_wait(overdue: Figures) -> None:
    assert overdue.spread <= FLEET.part  # so many are in flight there before anybody waits


def test_what_was_overdue_is_caught_up_as_fast_as_the_busiest_provider_allows(
    overdue: Figures,
) -> None:
    waiting = overdue.largest * PROVIDERS.count(PROVIDERS[0]) / len(PROVIDERS)
    a_second = FLEET.part / (FLEET.check_seconds + FLEET.processor_seconds)

    assert overdue.caught_up == pytest.approx(waiting / a_second, rel=0.25)


def test_a_server_without_enough_places_makes_checks_late() -> None:
    """Little's law: what a server has in flight is the rate times the seconds of a check."""
    slow = replace(FLEET, per_host=5)

    assert Figures.of(slow, play_all(slow)).late > 1
