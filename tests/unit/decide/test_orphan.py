"""What becomes of a grant whose Mailbox is gone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, strategies

from mailbox_operator.decide.cluster.clocks import Clocks
from mailbox_operator.decide.declared.deletion import policy_of, read_policy
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.grants.fate import (
    FINAL,
    TERMS,
    Around,
    Fate,
    GrantTerms,
    crowd_of,
    fate_of,
    kept_until,
)
from mailbox_operator.decide.grants.orphan import Orphan, begun_again, may_adopt, orphaned_since
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import DeletionPolicy, Infrastructure, Provider
from unit.make import NOON, key, mailbox, oauth_spec, spec, unreadable

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
NOW: Final = Clocks(NOON)
SUB: Final = "sub-1"
ORPHAN: Final = Orphan(
    uid="old",
    key=key(),
    provider="Google",
    address="jane@acme.example",
    identity=SUB,
    created=NOON - 30 * DAY,
    since=NOON - 2 * DAY,
)
THERE: Final = Around(namespace_since=NOON - 30 * DAY)
HEIR: Final = mailbox(oauth_spec(), uid="new")


def orphan(**changes: Any) -> Orphan:
    return replace(ORPHAN, **changes)


def around(**changes: Any) -> Around:
    return replace(THERE, **changes)


def heir(**changes: Any) -> Mailbox:
    """Make a Mailbox of the same name and address, less or more these fields of its spec."""
    return mailbox(oauth_spec(**changes), uid="new")


FATES: Final = [
    pytest.param(ORPHAN, THERE, Fate.REVOKED, id="one that nobody came back for"),
    pytest.param(ORPHAN, around(owner=mailbox(uid="old")), Fate.KEPT, id="one that has its owner"),
    pytest.param(ORPHAN, around(owner=HEIR), Fate.ADOPTED, id="one with an heir"),
    pytest.param(
        ORPHAN, around(owner=HEIR, is_served=True), Fate.REVOKED, id="one whose heir has its own"
    ),
    pytest.param(orphan(since=None), THERE, Fate.GRACE, id="one just noticed"),
    pytest.param(orphan(since=NOON - 23 * HOUR), THERE, Fate.GRACE, id="one of 23 hours"),
    pytest.param(orphan(since=NOON - DAY), THERE, Fate.REVOKED, id="one of a day"),
    pytest.param(orphan(created=NOON - HOUR), THERE, Fate.GRACE, id="one that was restored"),
    pytest.param(
        ORPHAN, around(namespace_since=NOON - HOUR), Fate.GRACE, id="one of a restored namespace"
    ),
    pytest.param(
        ORPHAN, around(namespace_since=None), Fate.NAMESPACE_MISSING, id="one without a namespace"
    ),
    pytest.param(orphan(policy=DeletionPolicy.RETAIN), THERE, Fate.RETAINED, id="one to retain"),
    pytest.param(
        orphan(granted=NOON - 90 * DAY), THERE, Fate.RESTORED, id="one that a backup brought"
    ),
    pytest.param(
        orphan(granted=NOON - 90 * DAY), around(crowd=99), Fate.RESTORED, id="many from a backup"
    ),
    pytest.param(
        orphan(granted=NOON - 90 * DAY, approved=True), THERE, Fate.REVOKED, id="one approved there"
    ),
    pytest.param(
        orphan(granted=NOON - 90 * DAY),
        around(owner=HEIR),
        Fate.ADOPTED,
        id="one with an heir there",
    ),
    pytest.param(
        orphan(granted=NOON - 30 * DAY - HOUR), THERE, Fate.REVOKED, id="one of clocks that differ"
    ),
    pytest.param(
        orphan(granted=NOON - 3 * DAY), THERE, Fate.REVOKED, id="one consented to again later"
    ),
    pytest.param(ORPHAN, around(crowd=5), Fate.REVOKED, id="one of a few"),
    pytest.param(ORPHAN, around(crowd=6), Fate.HELD, id="one of many"),
    pytest.param(orphan(since=None), around(crowd=6), Fate.HELD, id="one of many, just noticed"),
    pytest.param(orphan(held=True), THERE, Fate.HELD, id="one that was held before"),
    pytest.param(orphan(approved=True, since=None), THERE, Fate.REVOKED, id="one approved at once"),
    pytest.param(orphan(approved=True, held=True), THERE, Fate.REVOKED, id="one held and approved"),
    pytest.param(
        orphan(approved=True, policy=DeletionPolicy.RETAIN),
        around(namespace_since=None),
        Fate.REVOKED,
        id="one retained, without a namespace, and approved",
    ),
    pytest.param(
        orphan(approved=True, created=NOON), THERE, Fate.GRACE, id="one with a backup's approval"
    ),
    pytest.param(
        orphan(approved=True), around(owner=HEIR), Fate.ADOPTED, id="one approved, with an heir"
    ),
    pytest.param(ORPHAN, around(shared=True), Fate.DELETED, id="one of an account in use"),
    pytest.param(orphan(consented=False), THERE, Fate.DELETED, id="one that the tenant brought"),
]


@pytest.mark.parametrize(("grant", "about", "fate"), FATES)
def test_what_becomes_of_a_grant(grant: Orphan, about: Around, fate: Fate) -> None:
    assert fate_of(grant, about, TERMS, NOW) is fate


def test_the_platform_sets_grace_and_brake() -> None:
    terms = GrantTerms(grace=3 * DAY, most_per_hour=1)

    assert fate_of(ORPHAN, THERE, terms, NOW) is Fate.GRACE
    assert fate_of(ORPHAN, around(crowd=2), terms, NOW) is Fate.HELD


HEIRS: Final = [
    pytest.param(HEIR, True, id="the same again"),
    pytest.param(heir(address="Jane@Acme.example"), True, id="the address in capitals"),
    pytest.param(heir(infrastructure=Infrastructure.MANAGED, secret=None), True, id="Managed"),
    pytest.param(heir(address="ana@acme.example"), False, id="another address"),
    pytest.param(heir(provider=Provider.OUTLOOK), False, id="another provider"),
    pytest.param(mailbox(spec(), uid="new"), False, id="a password in place of a consent"),
    pytest.param(replace(HEIR, key=key("ana")), False, id="another name"),
    pytest.param(unreadable(uid="new"), False, id="a spec that cannot be read"),
    pytest.param(
        replace(HEIR, status=Status(granted_identity=SUB)), True, id="bound to the same account"
    ),
    pytest.param(
        replace(HEIR, status=Status(granted_identity="sub-2")), False, id="bound to another account"
    ),
]


@pytest.mark.parametrize(("candidate", "adopts"), HEIRS)
def test_the_mailbox_that_takes_over_a_grant(candidate: Mailbox, adopts: bool) -> None:  # noqa: FBT001 - a row
    assert may_adopt(candidate, ORPHAN) is adopts


@pytest.mark.parametrize(
    ("login", "adopts"), [("Joe@acme.example", True), ("ann@x.example", False)]
)
def test_a_delegates_grant_goes_to_who_names_the_delegate(
    login: str,
    adopts: bool,  # noqa: FBT001 - a row of the table
) -> None:
    named = heir(provider=Provider.OUTLOOK, login_name="joe@acme.example")
    theirs = orphan(provider="Outlook", login=login, account=login)

    assert may_adopt(named, theirs) is adopts


def test_a_delegates_grant_does_not_go_to_who_names_nobody() -> None:
    unnamed = heir(provider=Provider.OUTLOOK)

    assert not may_adopt(unnamed, orphan(provider="Outlook", account="joe@acme.example"))


def test_a_grant_without_a_proved_account_is_not_taken_over() -> None:
    assert not may_adopt(HEIR, orphan(identity=""))


@pytest.mark.parametrize(
    ("infrastructure", "adopts"), [(Infrastructure.PRIVATE, True), (Infrastructure.MANAGED, False)]
)
def test_what_a_tenant_brought_stays_with_the_tenants_own_app(
    infrastructure: Infrastructure,
    adopts: bool,  # noqa: FBT001 - a row of the table
) -> None:
    again = heir(infrastructure=infrastructure)

    assert may_adopt(again, orphan(consented=False, identity="")) is adopts


def test_a_grant_that_was_given_later_is_the_newer_one_whichever_was_restored_later() -> None:
    unnoted = orphan(granted=None, created=NOON)
    older = orphan(granted=NOON - 90 * DAY, created=NOON)
    newer = orphan(granted=NOON - 30 * DAY, created=NOON - HOUR)

    assert sorted([newer, unnoted, older], key=lambda each: each.given) == [unnoted, older, newer]


@pytest.mark.parametrize(
    ("minutes", "crowd"),
    [
        ([0], 1),
        ([0, 0, 0], 3),
        ([-59, 0, 59], 2),
        ([-60, 0, 60], 2),
        ([-30, 0, 30], 3),
        ([-61, 0, 61], 1),
        ([-61, -60, -59, 0], 3),
    ],
)
def test_the_brake_counts_what_went_within_one_hour(minutes: list[int], crowd: int) -> None:
    moments = sorted(NOON + timedelta(minutes=each) for each in minutes)

    assert crowd_of(NOON, moments) == crowd


@given(strategies.lists(strategies.datetimes(), min_size=1, max_size=12))
def test_a_crowd_is_the_fullest_hour(moments: list[datetime]) -> None:
    moments.sort()
    at = moments[0]

    # Nothing is earlier, so the fullest hour begins with it.
    assert crowd_of(at, moments) == sum(each - at <= HOUR for each in moments)


MOMENTS: Final = strategies.datetimes(
    NOON.replace(tzinfo=None) - 9 * DAY, NOON.replace(tzinfo=None)
).map(lambda found: found.replace(tzinfo=NOON.tzinfo))


@given(since=strategies.none() | MOMENTS, created=MOMENTS, namespace=strategies.none() | MOMENTS)
def test_nothing_ends_unasked_within_a_day_of_the_last_restored_part(
    since: datetime | None, created: datetime, namespace: datetime | None
) -> None:
    grant = orphan(since=since, created=created)
    about = around(namespace_since=namespace)

    if fate_of(grant, about, TERMS, NOW) in FINAL:
        assert since is not None
        assert namespace is not None
        assert NOON - max(since, created, namespace) >= DAY
        assert kept_until(grant, about, TERMS, NOW) <= NOON


@pytest.mark.parametrize("ahead", [DAY, -DAY, 400 * DAY], ids=["ahead", "behind", "far ahead"])
@pytest.mark.parametrize("right_again", [False, True], ids=["still wrong", "set right"])
def test_a_wrong_clock_ends_no_grace_early(
    ahead: timedelta,
    right_again: bool,  # noqa: FBT001 - a row of the table
) -> None:
    wrong = Clocks(NOON + ahead, ahead)
    noted = orphan(since=orphaned_since(orphan(since=None), wrong))
    nearly = NOON + DAY - timedelta(seconds=1)

    later = Clocks(nearly) if right_again else Clocks(nearly + ahead, ahead)

    assert fate_of(noted, THERE, TERMS, later) is Fate.GRACE


def test_a_grace_that_a_right_clock_noted_is_not_ended_by_one_that_is_ahead() -> None:
    noted = orphan(since=NOON - timedelta(hours=1))

    assert fate_of(noted, THERE, TERMS, Clocks(NOON + DAY, DAY)) is Fate.GRACE


def test_a_note_from_the_future_is_not_believed() -> None:
    noted = orphan(since=NOON + 400 * DAY)

    assert kept_until(noted, THERE, TERMS, NOW) == NOON + DAY


def test_a_grace_ends_although_clocks_differ() -> None:
    noted = orphan(since=NOON)

    assert fate_of(noted, THERE, TERMS, Clocks(NOON + 2 * DAY, DAY)) is Fate.REVOKED


@pytest.mark.parametrize(
    ("noted", "resumed", "since"),
    [
        (NOON - DAY, NOON, NOON),
        (NOON - DAY, NOON - 2 * DAY, NOON - DAY),
        (NOON - DAY, None, NOON - DAY),
        (None, NOON, None),
    ],
    ids=["before nobody led", "afterwards", "always led", "not noted"],
)
def test_a_grace_that_was_noted_before_nobody_led_begins_again(
    noted: datetime | None, resumed: datetime | None, since: datetime | None
) -> None:
    assert begun_again(orphan(since=noted), resumed).since == since


def test_a_grant_of_a_second_cluster_is_not_past_its_day_when_that_begins() -> None:
    noted = begun_again(orphan(since=NOON - 9 * DAY), NOON)

    assert fate_of(noted, THERE, TERMS, NOW) is Fate.GRACE


def test_an_approval_that_a_backup_brought_stays_void_where_a_grace_begins_again() -> None:
    brought = begun_again(orphan(created=NOON - HOUR, approved=True), NOON)

    assert fate_of(brought, THERE, TERMS, NOW) is Fate.GRACE


@pytest.mark.parametrize(
    ("own", "offered", "policy"),
    [
        (None, None, "Revoke"),
        (None, "Retain", "Retain"),
        ("Revoke", "Retain", "Revoke"),
        ("Retain", None, "Retain"),
    ],
)
def test_the_mailboxs_own_policy_counts_first(
    own: str | None, offered: str | None, policy: str
) -> None:
    mine, theirs = (DeletionPolicy(each) if each else None for each in (own, offered))

    assert policy_of(mine, theirs) == policy


@pytest.mark.parametrize(
    ("noted", "policy"),
    [("", "Revoke"), ("Revoke", "Revoke"), ("Retain", "Retain"), ("Reclaim", "Retain")],
)
def test_a_policy_that_nobody_knows_revokes_nothing(noted: str, policy: str) -> None:
    assert read_policy(noted) == policy
