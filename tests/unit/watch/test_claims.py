"""An address belongs to the Managed Mailbox that proved it first, as long as it can prove it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.infrastructure import Offer, parse_infrastructure
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.claim import Claim
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.status.conditions import Condition, Status
from mailbox_operator.decide.words import Grant, Infrastructure, Kind, Provider
from mailbox_operator.watch.claims import Claims
from mailbox_operator.watch.store import Store
from unit.make import NOON, OFFER, infrastructure, key, mailbox, oauth_spec

EARLY: Final = Status(claimed_at="2026-11-23T11:00:00Z")
LATE: Final = Status(claimed_at="2026-11-23T11:30:00Z")
MANAGED: Final = {"infrastructure": Infrastructure.MANAGED, "secret": None}
PROVED: Final = Ownership.PROVED
READY: Final = ("True", "Connected")
REFUSED: Final = ("False", "AlreadyClaimed")
FAILING: Final = ("False", "GrantRevoked")


@dataclass(slots=True)
class Clock:
    """Tells the time that a test sets."""

    at: datetime = NOON

    def now(self) -> datetime:
        """Return it."""
        return self.at


def managed(
    name: str, status: Status | None = None, namespace: str = "mail", **spec: Any
) -> Mailbox:
    asked, place = oauth_spec(**(MANAGED | spec)), Key(Kind.MAILBOX, namespace, name)
    return mailbox(asked, key=place, uid=f"{namespace}-{name}", status=status or Status())


def stands(condition: tuple[str, str], claimed_at: str = "", unproved_since: str = "") -> Status:
    status, reason = condition
    said = Condition("Ready", status, reason, "", 1, "2026-11-01T12:00:00Z")
    return Status(conditions=(said,), claimed_at=claimed_at, unproved_since=unproved_since)


def store(*mailboxes: Mailbox, offer: Offer = OFFER, clock: Clock | None = None) -> Store:
    found = Store("operators", claims=Claims(now=(clock or Clock()).now))
    found.upsert(infrastructure(offer))
    for each in mailboxes:
        found.upsert(each)
    return found


def claim(found: Store, one: Mailbox, ownership: Ownership = PROVED) -> Claim | Reason:
    """Log in and claim; return what came of it."""
    try:
        return found.claim(one, ownership)
    except Fault as fault:
        return fault.reason


def holds(found: Store, one: Mailbox) -> bool:
    """Say whether the address is no other one's."""
    seen = found.seen(one.key)
    assert seen is not None
    return not seen.held_by_another


def newer(one: Mailbox, version: str = "8", **fields: Any) -> Mailbox:
    return replace(one, version=version, **fields)


def test_the_first_that_proves_an_address_keeps_it() -> None:
    first, second = managed("first"), managed("second", address="JANE@acme.example")
    found = store(first, second)

    assert claim(found, first) is Claim.TAKEN
    assert claim(found, second) is Reason.ALREADY_CLAIMED
    assert claim(found, first) is Claim.HELD
    assert (holds(found, first), holds(found, second)) == (True, False)


def test_the_two_domains_of_gmail_are_one_address() -> None:
    first, second = (
        managed("a", address="jane@gmail.com"),
        managed("b", address="j.ane@googlemail.com"),
    )
    known = store(first, second)
    known.claim(first, PROVED)

    with pytest.raises(Fault) as caught:
        known.claim(second, PROVED)

    assert caught.value.reason is Reason.ALREADY_CLAIMED


def test_of_two_that_prove_an_address_at_the_same_time_one_gets_it() -> None:
    first, second = managed("first"), managed("second")
    found = store(first, second)
    both = [found.claimable(each, PROVED) for each in (first, second)]

    claims = [claim(found, each) for each in (first, second)]

    assert both == [Claim.TAKEN, Claim.TAKEN]
    assert claims == [Claim.TAKEN, Reason.ALREADY_CLAIMED]


def test_a_mailbox_that_proved_nothing_claims_nothing() -> None:
    first, second = managed("first"), managed("second")
    found = store(first, second)

    assert claim(found, first, Ownership.UNPROVED) is Claim.UNVERIFIED
    assert claim(found, first, Ownership.UNKNOWN) is Claim.UNVERIFIED
    assert claim(found, second) is Claim.TAKEN


@pytest.mark.parametrize("ownership", [Ownership.UNPROVED, Ownership.UNKNOWN])
def test_a_stranger_does_not_learn_that_an_address_is_claimed(ownership: Ownership) -> None:
    holder, stranger = managed("holder", EARLY), managed("stranger")
    alone, among = store(stranger), store(holder, stranger)

    assert claim(among, stranger, ownership) is claim(alone, stranger, ownership)
    assert among.infrastructure_for(stranger) == alone.infrastructure_for(stranger)
    assert version(among, stranger) == version(alone, stranger)


def version(found: Store, one: Mailbox) -> str:
    seen = found.seen(one.key)
    assert seen is not None
    return seen.version


def test_a_holder_that_proves_no_more_lets_the_address_go() -> None:
    first, second = managed("first"), managed("second")
    found = store(first, second)
    claim(found, first)

    assert claim(found, first, Ownership.UNPROVED) is Claim.UNVERIFIED

    assert claim(found, second) is Claim.TAKEN


def test_a_holder_keeps_the_address_through_a_look_up_that_fails() -> None:
    first, second = managed("first"), managed("second")
    found = store(first, second)
    claim(found, first)

    assert claim(found, first, Ownership.UNKNOWN) is Claim.KEPT

    assert claim(found, second) is Reason.ALREADY_CLAIMED


@pytest.mark.parametrize("order", [("early", "late"), ("late", "early")])
def test_after_a_restart_the_status_tells_who_took_the_address_over(order: tuple[str, str]) -> None:
    both = {"early": managed("early", EARLY), "late": managed("late", LATE)}
    found = store(*(both[name] for name in order))

    assert (holds(found, both["early"]), holds(found, both["late"])) == (False, True)


def test_of_two_at_the_same_second_one_keeps_the_address() -> None:
    one, other = managed("a", EARLY), managed("b", EARLY)
    found = store(other, one)

    assert (holds(found, one), holds(found, other)) == (True, False)


def test_an_address_waits_for_its_mailbox_to_be_created_again() -> None:
    first, second, clock = managed("first"), managed("second"), Clock()
    found = store(first, second, clock=clock)
    claim(found, first)
    found.remove(first.key)
    clock.at += timedelta(minutes=9)
    again = replace(first, uid="another")
    found.upsert(again)

    assert claim(found, second) is Reason.ALREADY_CLAIMED
    assert claim(found, again) is Claim.TAKEN
    assert claim(found, second) is Reason.ALREADY_CLAIMED


def test_a_refused_mailbox_is_told_when_the_address_will_be_free() -> None:
    first, second, clock = managed("first"), managed("second"), Clock()
    found = store(first, second, clock=clock)
    claim(found, first)
    found.remove(first.key)
    clock.at += timedelta(minutes=4)

    with pytest.raises(Fault) as refused:
        found.claim(second, PROVED)

    assert refused.value.retry_after == found.rest(second.key) == timedelta(minutes=6)


def test_an_address_is_free_when_its_mailbox_does_not_come_back() -> None:
    first, second, clock = managed("first"), managed("second"), Clock()
    found = store(first, second, clock=clock)
    claim(found, first)
    found.remove(first.key)

    clock.at += timedelta(minutes=10)

    assert claim(found, second) is Claim.TAKEN


def test_another_mailbox_of_the_same_name_elsewhere_has_no_grace() -> None:
    first, same_name = managed("first"), managed("first", namespace="evil")
    found = store(first, same_name)
    claim(found, first)

    found.remove(first.key)

    assert claim(found, same_name) is Reason.ALREADY_CLAIMED


def test_a_mailbox_that_claimed_nothing_reserves_nothing() -> None:
    first, second = managed("first"), managed("second")
    found = store(first, second)
    claim(found, first, Ownership.UNPROVED)

    found.remove(first.key)

    assert claim(found, second) is Claim.TAKEN


def test_a_clock_that_is_set_back_does_not_prolong_the_grace() -> None:
    first, second, clock = managed("first"), managed("second"), Clock()
    found = store(first, second, clock=clock)
    claim(found, first)
    found.remove(first.key)

    clock.at -= timedelta(hours=48)

    assert claim(found, second) is Claim.TAKEN


def test_reservations_are_forgotten() -> None:
    clock = Clock()
    found = store(clock=clock)
    for number in range(100):
        one = managed(f"m{number}", EARLY, address=f"m{number}@acme.example")
        found.upsert(one)
        found.remove(one.key)
        clock.at += timedelta(minutes=1)

    assert len(found.claims.reservations) <= 11


LAPSED: Final = stands(FAILING, EARLY.claimed_at, "2026-11-16T11:59:59Z")
UNPROVED: Final = stands(FAILING, EARLY.claimed_at, "2026-11-16T12:00:00Z")


def test_a_claim_lapses_that_is_not_proved_for_long() -> None:
    first, second = managed("first", LAPSED), managed("second")
    found = store(first, second)
    assert holds(found, first)

    assert claim(found, second) is Claim.TAKEN

    assert (holds(found, first), holds(found, second)) == (False, True)
    assert claim(found, first) is Reason.ALREADY_CLAIMED


def test_a_claim_stands_until_it_lapses() -> None:
    found = store(managed("first", UNPROVED))

    assert claim(found, managed("second")) is Reason.ALREADY_CLAIMED


def test_a_lapsed_claim_that_nobody_wants_is_proved_again() -> None:
    first, second = managed("first", LAPSED), managed("second")
    found = store(first, second)

    assert claim(found, first) is Claim.HELD

    assert claim(found, second) is Reason.ALREADY_CLAIMED


def test_an_address_that_was_taken_over_stays_so_through_the_writes() -> None:
    first, second = managed("first", LAPSED), managed("second")
    found = store(first, second)
    claim(found, second)

    found.upsert(newer(second, status=stands(READY, "2026-11-23T12:00:00Z")))
    after_the_winner = (holds(found, first), holds(found, second))
    found.upsert(newer(first, status=stands(REFUSED)))

    assert after_the_winner == (holds(found, first), holds(found, second)) == (False, True)


def test_a_claim_that_another_operator_wrote_later_stands_over_one_made_here() -> None:
    here, there = managed("here"), managed("there")
    found = store(here, there)
    found.claim(here, PROVED)
    found.upsert(newer(here, status=EARLY))

    found.upsert(newer(there, status=LATE))

    assert (holds(found, here), holds(found, there)) == (False, True)


def test_a_claim_counts_as_the_latest_until_it_is_written() -> None:
    here, there = (
        managed("here", EARLY),
        managed("there", stands(FAILING, LATE.claimed_at, "2026-11-16T11:00:00Z")),
    )
    found = store(here, there)
    assert claim(found, here) is Claim.TAKEN

    found.upsert(newer(here, generation=2))

    assert (holds(found, here), holds(found, there)) == (True, False)


def test_a_mailbox_that_lost_its_address_by_lapse_can_win_it_back_by_lapse() -> None:
    clock = Clock()
    first, second = managed("first", LAPSED), managed("second")
    found = store(first, second, clock=clock)
    claim(found, second)
    failing = stands(FAILING, "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z")
    found.upsert(newer(second, status=failing))
    clock.at += timedelta(days=8)

    assert claim(found, first) is Claim.TAKEN

    assert (holds(found, first), holds(found, second)) == (True, False)


def test_a_mailbox_that_is_refused_keeps_no_claim_from_before() -> None:
    clock, first, second, third = Clock(), *map(managed, ("first", "second", "third"))
    found = store(first, second, third, clock=clock)
    claim(found, first)
    found.upsert(
        newer(first, status=stands(FAILING, "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"))
    )
    clock.at += timedelta(days=8)
    claim(found, second)
    found.remove(second.key)

    refused = claim(found, first)
    found.upsert(newer(first, "9", status=stands(REFUSED)))
    clock.at += timedelta(hours=1)

    assert (refused, claim(found, third)) == (Reason.ALREADY_CLAIMED, Claim.TAKEN)


def test_an_address_is_free_when_its_mailbox_goes_private() -> None:
    first, second = managed("first", EARLY), managed("second")
    found = store(first, second)

    found.upsert(newer(first, spec=oauth_spec(), generation=2))

    assert claim(found, second) is Claim.TAKEN


def test_an_attempt_that_outlasts_its_mailbox_claims_nothing() -> None:
    first, second = managed("first"), managed("second")
    found = store(first, second)
    found.remove(first.key)

    claim(found, first)

    assert holds(found, second)
    assert claim(found, second) is Claim.TAKEN


def test_private_mailboxes_claim_nothing() -> None:
    first, second = (mailbox(oauth_spec(), key=key(name), uid=name) for name in "ab")
    found = store(first, second)

    assert claim(found, first) is Claim.NOT_NEEDED
    assert claim(found, second) is Claim.NOT_NEEDED


BOUND: Final = Offer(domains={"acme.example": ("acme", "staging")})


def test_a_bound_domain_is_refused_to_other_namespaces() -> None:
    found = store(offer=BOUND)

    with pytest.raises(Fault) as refused:
        found.infrastructure_for(managed("jane", namespace="evil"))

    assert refused.value.reason is Reason.DOMAIN_NOT_ALLOWED


def test_the_platform_vouches_for_a_bound_namespace_once_per_address() -> None:
    first, second = managed("a", namespace="acme"), managed("b", namespace="staging")
    found = store(first, second, offer=BOUND)

    assert claim(found, first, Ownership.UNPROVED) is Claim.TAKEN
    assert claim(found, second, Ownership.UNPROVED) is Reason.ALREADY_CLAIMED


def test_a_bound_namespace_gets_its_address_from_others() -> None:
    squatter, owner = managed("a", EARLY, namespace="evil"), managed("b", namespace="acme")
    found = store(squatter, owner, offer=BOUND)

    assert claim(found, owner, Ownership.UNPROVED) is Claim.TAKEN

    assert (holds(found, squatter), holds(found, owner)) == (False, True)


def test_a_bound_namespace_waits_for_no_foreign_mailbox() -> None:
    squatter, owner = managed("a", EARLY, namespace="evil"), managed("b", namespace="acme")
    found = store(squatter, owner, offer=BOUND)

    found.remove(squatter.key)

    assert claim(found, owner, Ownership.UNPROVED) is Claim.TAKEN


def test_a_domain_that_is_bound_concerns_the_mailboxes_of_it_only() -> None:
    bodies = [
        {"metadata": {"name": "default", "uid": "u", "resourceVersion": v}, "spec": spec}
        for v, spec in (
            ("11", {}),
            ("12", {"domains": [{"name": "acme.example", "namespaces": ["acme"]}]}),
            ("13", {"checkInterval": "5m"}),
        )
    ]
    own, foreign = managed("a", namespace="acme"), managed("b", namespace="evil")
    bystander = managed("c", address="joe@other.example")
    found = store(own, foreign, bystander)

    versions = []
    for body in bodies:
        found.upsert(parse_infrastructure(body))
        versions.append([version(found, each) for each in (own, foreign, bystander)])

    before, bound, changed = versions
    assert [one == other for one, other in zip(before, bound, strict=True)] == [False, False, True]
    assert changed[2] != bound[2]


def test_a_refused_mailbox_is_woken_when_the_holder_goes() -> None:
    holder, other = managed("holder", EARLY), managed("other")
    refused = managed("refused", stands(REFUSED))
    found = store(holder, refused, other)

    found.remove(holder.key)

    assert list(found.claims.freed()) == [refused.key]
    assert list(found.claims.freed()) == []


def test_a_refused_mailbox_is_not_woken_while_the_holder_stays() -> None:
    holder, refused = managed("holder", EARLY), managed("refused", stands(REFUSED))
    found = store(holder, refused)

    found.upsert(newer(holder, reconnect="now"))
    found.upsert(newer(refused, reconnect="now"))
    found.remove(refused.key)

    assert list(found.claims.freed()) == []


def test_a_refused_mailbox_is_woken_when_the_claim_is_dropped() -> None:
    holder, refused = managed("holder", EARLY), managed("refused", stands(REFUSED))
    found = store(holder, refused)

    found.upsert(newer(holder, status=stands(("True", "ConnectedUnverified"))))

    assert list(found.claims.freed()) == [refused.key]
    seen = found.seen(refused.key)
    assert seen is not None
    assert seen.is_freed


def test_the_winner_is_not_disturbed_by_its_own_claim() -> None:
    first = managed("first")
    found = store(first)
    before = version(found, first)

    claim(found, first)
    found.upsert(newer(first, status=EARLY))

    assert version(found, first) == before


def test_the_store_finds_a_mailbox_by_its_uid() -> None:
    first = managed("first")
    found = store(first)

    assert found.find(first.uid) == first
    found.remove(first.key)
    assert found.find(first.uid) is None


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        pytest.param(managed("other", address="Jane@ACME.example"), True, id="the same account"),
        pytest.param(managed("other", address="bob@acme.example"), False, id="another account"),
        pytest.param(managed("other", provider=Provider.OUTLOOK), False, id="another provider"),
        pytest.param(managed("other", grant=Grant.JWT_BEARER), False, id="no consent of hers"),
    ],
)
def test_the_store_knows_who_lives_by_what_an_account_granted(other: Mailbox, shares: bool) -> None:  # noqa: FBT001 - a column
    found = store(managed("first"), other)

    assert found.shares(Provider.GOOGLE, "jane@acme.example", "mail-first") is shares
