"""An address belongs to the Managed Mailbox that proved it first, until it is gone."""

from dataclasses import replace
from typing import Any, Final

import pytest

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.mailbox import Mailbox
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.status import Status
from mailbox_operator.decide.words import Grant, Infrastructure, Provider
from mailbox_operator.watch.store import Store
from make import infrastructure, key, mailbox, oauth_spec

EARLY: Final = Status(claimed_at="2026-11-23T12:00:00Z")
LATE: Final = Status(claimed_at="2026-11-23T13:00:00Z")
MANAGED: Final = oauth_spec(infrastructure=Infrastructure.MANAGED, secret=None)


def managed(name: str, status: Status | None = None, **spec: Any) -> Mailbox:
    asked = replace(MANAGED, **spec)
    return mailbox(asked, key=key(name), uid=name, status=status or Status())


def store(*mailboxes: Mailbox) -> Store:
    found = Store("operators")
    found.upsert(infrastructure())
    for each in mailboxes:
        found.upsert(each)
    return found


def claimed(found: Store, one: Mailbox) -> bool:
    """Say whether another one stands in the way."""
    try:
        found.infrastructure_for(one)
    except Fault as fault:
        return fault.reason is Reason.ALREADY_CLAIMED
    return False


def test_the_first_that_proves_an_address_keeps_it() -> None:
    first, second = managed("first"), managed("second", address="JANE@acme.example")
    found = store(first, second)

    assert found.claim(first)
    assert not found.claim(second)
    assert found.claim(first)
    assert (claimed(found, first), claimed(found, second)) == (False, True)


def test_who_proved_nothing_claims_nothing() -> None:
    first, second = managed("first"), managed("second")
    found = store(first, second)

    assert (claimed(found, first), claimed(found, second)) == (False, False)


@pytest.mark.parametrize("order", [("early", "late"), ("late", "early")])
def test_after_a_restart_the_status_tells(order: tuple[str, str]) -> None:
    both = {"early": managed("early", EARLY), "late": managed("late", LATE)}
    found = store(*(both[name] for name in order))

    assert (claimed(found, both["early"]), claimed(found, both["late"])) == (False, True)


def test_of_two_at_the_same_second_one_keeps_it() -> None:
    one, other = managed("a", EARLY), managed("b", EARLY)
    found = store(other, one)

    assert (claimed(found, one), claimed(found, other)) == (False, True)


def test_an_address_is_free_when_its_mailbox_is_gone() -> None:
    first, second = managed("first"), managed("second")
    found = store(first, second)
    found.claim(first)

    found.remove(first.key)

    assert found.claim(second)


def test_an_address_is_free_when_its_mailbox_goes_private() -> None:
    first, second = managed("first", EARLY), managed("second")
    found = store(first, second)

    found.upsert(replace(first, spec=oauth_spec(), version="8", generation=2))

    assert found.claim(second)


def test_private_mailboxes_claim_nothing() -> None:
    first, second = (mailbox(oauth_spec(), key=key(name), uid=name) for name in "ab")
    found = store(first, second)

    assert found.claim(first)
    assert found.claim(second)


def test_a_password_claims_as_well() -> None:
    by_password = managed("first", provider=Provider.SMTP)
    second = managed("second")
    found = store(by_password, second)

    found.claim(by_password)

    assert claimed(found, second)


def test_the_loser_is_looked_at_again_when_the_address_is_free() -> None:
    first, second = managed("first", EARLY), managed("second")
    found = store(first, second)
    before = found.seen(second.key)
    assert list(found.rivals(first.key)) == [second.key]

    found.remove(first.key)

    after = found.seen(second.key)
    assert before is not None
    assert after is not None
    assert before.version != after.version


def test_the_winner_is_not_disturbed_by_its_own_claim() -> None:
    first = managed("first")
    found = store(first)
    before = found.seen(first.key)

    found.claim(first)
    found.upsert(replace(first, status=EARLY, version="8"))

    after = found.seen(first.key)
    assert before is not None
    assert after is not None
    assert before.version == after.version


def test_finds_a_mailbox_by_its_uid() -> None:
    first = managed("first")
    found = store(first)

    assert found.find("first") == first
    found.remove(first.key)
    assert found.find("first") is None


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        pytest.param(managed("other", address="Jane@ACME.example"), True, id="the same account"),
        pytest.param(managed("other", address="bob@acme.example"), False, id="another account"),
        pytest.param(managed("other", provider=Provider.OUTLOOK), False, id="another provider"),
        pytest.param(managed("other", grant=Grant.JWT_BEARER), False, id="no consent of hers"),
    ],
)
def test_knows_who_lives_by_what_an_account_granted(other: Mailbox, shares: bool) -> None:  # noqa: FBT001 - a column
    found = store(managed("first"), other)

    assert found.shares(Provider.GOOGLE, "jane@acme.example", "first") is shares
