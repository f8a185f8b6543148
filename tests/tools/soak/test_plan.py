"""A seed settles what goes wrong and when."""

from itertools import pairwise

import pytest

from tools.soak.faults import FAILURES, MISCHIEF, RCODES, REPLIES, RESOLVERS
from tools.soak.fleet import COMBINATIONS, Fleet
from tools.soak.options import Options
from tools.soak.plan import KINDS, Act, Place, plan

SEEDS = [1, 7, 2026]


def test_the_same_seed_plays_the_same_faults() -> None:
    assert plan(7, 600, 60) == plan(7, 600, 60)
    assert plan(7, 600, 60) != plan(8, 600, 60)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fault_comes_every_few_seconds_and_ends_in_time(seed: int) -> None:
    faults = plan(seed, 600, 60)

    assert all(later.at - earlier.at < 30 for earlier, later in pairwise(faults))
    assert all(each.at + each.lasts <= 600 and each.lasts <= 60 for each in faults)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("place", Place)
def test_a_place_has_one_fault_at_a_time(seed: int, place: Place) -> None:
    there = [each for each in plan(seed, 600, 60) if each.kind.place is place]

    assert all(one.at + one.lasts < next_one.at for one, next_one in pairwise(there))


def test_every_kind_of_fault_comes_in_an_hour() -> None:
    assert {each.kind for each in plan(1, 3600, 60)} == set(KINDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_place_is_met_in_the_short_form(seed: int) -> None:
    assert {each.kind.place for each in plan(seed, 200, 40)} == set(Place)


@pytest.mark.parametrize(
    ("place", "acts"),
    [
        (Place.SIGN_IN, {*FAILURES, Act.HANGS}),
        (Place.MAIL, {*REPLIES, *MISCHIEF}),
        (Place.NAMES, {*RCODES, Act.SILENT}),
        (Place.RESOLVER, {*RESOLVERS}),
    ],
)
def test_every_fault_of_a_server_breaks_something(place: Place, acts: set[Act]) -> None:
    assert {each.act for each in KINDS if each.place is place} == acts


def test_a_fleet_has_every_combination_and_some_wrong_passwords() -> None:
    members = Fleet.of(Options(seconds=1, mailboxes=200, seed=1)).members

    assert {(each.provider, each.infrastructure) for each in members} == set(COMBINATIONS)
    assert {each.infrastructure for each in members if each.is_wrong} == {"Private", "Managed"}
    assert all(each.has_password for each in members if each.is_wrong)
    assert len({each.address for each in members}) == len(members)
