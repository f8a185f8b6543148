"""The gateway's certificate is renewed in time, and no application meets an authority that it lacks."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings, strategies as st

from mailbox_operator.decide.sending.certificates import (
    ANNOUNCED,
    AUTHORITY_LIFE,
    BACKDATED,
    LEAF_LIFE,
    MOST_AUTHORITIES,
    Authority,
    Leaf,
    Validity,
    kept,
    names_of,
    needs_authority,
    needs_leaf,
    signer,
    validity_from,
)

NOON: Final = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY: Final = timedelta(days=1)
NAMES: Final = frozenset({"mailbox-gateway.mail.svc"})


def authority(mark: str, age: timedelta, *, signs: bool = True) -> Authority:
    """Make an authority that was created so long ago."""
    return Authority(mark, validity_from(NOON - age, AUTHORITY_LIFE), signs)


def leaf(issuer: str, age: timedelta = DAY) -> Leaf:
    """Make a certificate that was created so long ago."""
    return Leaf(issuer, validity_from(NOON - age, LEAF_LIFE), NAMES)


OLD: Final = authority("old", AUTHORITY_LIFE * 2 / 3)
NEW: Final = authority("new", DAY)


def test_a_service_has_the_four_names_that_pods_use() -> None:
    assert set(names_of("gw.mail.svc", ["smtp.example"], "k8s.example")) == {
        "gw", "gw.mail", "gw.mail.svc", "gw.mail.svc.k8s.example", "smtp.example",
    }  # fmt: skip


def test_a_host_outside_the_cluster_has_one_name() -> None:
    assert names_of("smtp.mail.platform.example", ["smtp.mail.platform.example"]) == (
        "smtp.mail.platform.example",
    )


@pytest.mark.parametrize(
    ("authorities", "due"),
    [
        pytest.param([], True, id="none"),
        pytest.param([NEW], False, id="a young one"),
        pytest.param([authority("a", AUTHORITY_LIFE * 2 / 3 - DAY)], False, id="before two thirds"),
        pytest.param([OLD], True, id="at two thirds"),
        pytest.param([OLD, NEW], False, id="an old one and its successor"),
        pytest.param([authority("a", DAY, signs=False)], True, id="one whose key is lost"),
        pytest.param([authority("a", AUTHORITY_LIFE)], True, id="an expired one"),
        pytest.param([authority("a", -2 * DAY)], True, id="one from the future"),
    ],
)
def test_an_authority_is_made(authorities: list[Authority], due: bool) -> None:  # noqa: FBT001 - a row
    assert needs_authority(authorities, NOON) is due


@pytest.mark.parametrize(
    ("present", "authorities", "due"),
    [
        pytest.param(None, [NEW], True, id="none"),
        pytest.param(leaf("new"), [NEW], False, id="a young one"),
        pytest.param(leaf("new", LEAF_LIFE * 2 / 3 - DAY), [NEW], False, id="before two thirds"),
        pytest.param(leaf("new", LEAF_LIFE * 2 / 3), [NEW], True, id="at two thirds"),
        pytest.param(leaf("new", -DAY), [NEW], True, id="from the future"),
        pytest.param(leaf("new", LEAF_LIFE), [NEW], True, id="expired"),
        pytest.param(leaf("", DAY), [NEW], True, id="signed by a stranger"),
        pytest.param(Leaf("new", leaf("new").validity, frozenset()), [NEW], True, id="other names"),
        pytest.param(
            leaf("old", LEAF_LIFE * 2 / 3),
            [authority("old", 2 * DAY, signs=False), NEW],
            False,
            id="aged, and the only one that signs is not announced yet",
        ),
        pytest.param(
            leaf("old", LEAF_LIFE - 6 * DAY),
            [authority("old", 2 * DAY, signs=False), NEW],
            True,
            id="about to expire, with any authority",
        ),
    ],
)
def test_a_certificate_is_made(
    present: Leaf | None,
    authorities: list[Authority],
    due: bool,  # noqa: FBT001 - a row
) -> None:
    assert needs_leaf(present, authorities, NAMES, NOON) is due


def test_the_authority_before_signs_until_its_successor_was_announced() -> None:
    announced = authority("new", ANNOUNCED)

    assert signer([OLD, NEW], NOON) == OLD
    assert signer([OLD, announced], NOON) == announced


def test_an_authority_about_to_expire_signs_no_more() -> None:
    expiring = authority("old", AUTHORITY_LIFE - ANNOUNCED / 2)

    assert signer([expiring, NEW], NOON) == NEW


def test_nobody_signs_where_no_key_is_at_hand() -> None:
    assert signer([authority("a", DAY, signs=False)], NOON) is None
    assert kept([], None, NOON) == ()


def test_the_authority_before_stays_until_all_it_signed_has_expired() -> None:
    lone = authority("new", ANNOUNCED + LEAF_LIFE)
    almost = authority("new", ANNOUNCED + LEAF_LIFE - DAY)

    assert kept([OLD, almost], leaf("new"), NOON) == ("new", "old")
    assert kept([OLD, lone], leaf("old"), NOON) == ("new", "old")
    assert kept([OLD, lone], leaf("new"), NOON) == ("new",)


def test_of_many_authorities_the_one_in_use_is_kept() -> None:
    many = [authority(f"{age}", age * DAY, signs=False) for age in range(1, 10)]

    marks = kept(many, leaf("9"), NOON)

    assert len(marks) == MOST_AUTHORITIES
    assert {"1", "9"} <= set(marks)


@dataclass
class Platform:
    """An operator that looks now and then, and an application that trusts what it read some days ago.

    Attributes:
        lag: How long an application keeps what it has read.
    """

    lag: timedelta
    authorities: list[Authority] = field(default_factory=list)
    leaf: Leaf | None = None
    made: int = 0
    told: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)

    def look(self, now: datetime) -> None:
        """Do what the decisions ask for."""
        if needs_authority(self.authorities, now):
            self.made += 1
            validity = validity_from(now, AUTHORITY_LIFE)
            self.authorities.append(Authority(f"{self.made}", validity, signs=True))
        if needs_leaf(self.leaf, self.authorities, NAMES, now):
            by = signer(self.authorities, now)
            assert by is not None
            made = validity_from(now, LEAF_LIFE)
            until = min(made.until, by.validity.until)
            self.leaf = Leaf(by.mark, Validity(made.since, until), NAMES)
        marks = kept(self.authorities, self.leaf, now)
        self.authorities = [each for each in self.authorities if each.mark in marks]
        self.told.append((now, marks))

    def trusted(self, now: datetime) -> tuple[str, ...]:
        """Return what an application trusts that read its Secret some days ago."""
        read = bisect_right(self.told, now - self.lag, key=lambda each: each[0])
        return self.told[max(read, 1) - 1][1]


@settings(max_examples=30)
@given(st.lists(st.integers(6, 72), min_size=10, max_size=60), st.integers(0, 10))
def test_an_application_that_reads_its_secret_within_ten_days_trusts_every_certificate(
    pauses: list[int], lag: int
) -> None:
    platform, now = Platform(lag * DAY), NOON
    for number in range(1200 * 24 // sum(pauses) * len(pauses)):
        platform.look(now)
        assert platform.leaf is not None
        assert platform.leaf.validity.covers(now)
        assert platform.leaf.issuer in platform.trusted(now)
        now += timedelta(hours=pauses[number % len(pauses)])


@given(st.lists(st.integers(-4000, 4000), min_size=1, max_size=30))
def test_a_clock_that_jumps_leaves_a_certificate_that_is_valid_by_it(days: list[int]) -> None:
    platform = Platform(timedelta())
    for each in days:
        now = NOON + each * DAY
        platform.look(now)
        platform.look(now)  # nothing is due a second time

        assert platform.leaf is not None
        assert platform.leaf.validity.covers(now)
        assert platform.leaf.issuer in platform.told[-1][1]
        assert platform.told[-1][1] == platform.told[-2][1]


def test_a_certificate_is_valid_for_an_application_whose_clock_is_behind() -> None:
    assert validity_from(NOON, LEAF_LIFE).covers(NOON - BACKDATED)
