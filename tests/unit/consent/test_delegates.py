"""Who consents for another's address: only the account that the spec names, and only if it may send."""

from dataclasses import replace
from typing import Final

from mailbox_operator.decide.declared.providers.outlook import OutlookAccess
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.words import Infrastructure, Provider
from unit.consent.stage import GOOD, JANE, Stage
from unit.make import oauth_spec

JOE: Final = "joe@acme.example"
SHARED: Final = oauth_spec(
    infrastructure=Infrastructure.MANAGED,
    provider=Provider.OUTLOOK,
    secret=None,
    login_name=JOE,
)
OF_JOE: Final = replace(
    GOOD, scope="SMTP.Send", account=JOE, login="Joe@acme.example", identity="t/joe"
)


def stage_of(login_name: str | None = JOE) -> Stage:
    """Set a stage on which Joe consents to a mailbox of another address."""
    stage = Stage()
    stage.change(spec=replace(SHARED, access=OutlookAccess(login_name=login_name)))
    stage.provider.redeemed = OF_JOE
    stage.provider.ownership = Ownership.UNPROVED
    return stage


async def test_the_named_delegate_connects_the_mailbox() -> None:
    stage = stage_of()

    arrival = await stage.walk()

    kept = stage.grants.content[JANE.uid]
    assert (arrival.fault, kept.login, kept.account) == (None, "Joe@acme.example", JOE)


async def test_an_account_that_nobody_named_is_not_taken_even_if_it_may_send() -> None:
    stage = stage_of(login_name=None)

    arrival = await stage.walk()

    assert arrival.fault is not None
    assert (arrival.fault.reason, arrival.kept) == (Reason.IDENTITY_MISMATCH, False)
    assert arrival.fault.facts["account"] == "Joe@acme.example"
    assert stage.grants.content == {}


async def test_another_than_the_named_account_is_not_taken_even_if_it_is_the_address() -> None:
    stage = stage_of()
    stage.provider.redeemed = replace(OF_JOE, account=JANE.spec.address, login="jane@acme.example")

    arrival = await stage.walk()

    assert arrival.fault is not None
    assert (arrival.fault.reason, arrival.kept) == (Reason.IDENTITY_MISMATCH, False)


async def test_a_delegate_whom_the_server_does_not_let_send_leaves_nothing_behind() -> None:
    stage = stage_of()
    stage.provider.disproof = Fault(Reason.SENDER_NOT_ALLOWED)

    arrival = await stage.walk()

    assert (arrival.kept, stage.grants.content) == (False, {})


async def test_a_delegate_does_not_learn_that_the_address_is_claimed() -> None:
    stage = stage_of()
    stage.mailboxes.claimed = True

    arrival = await stage.walk()

    assert (arrival.fault, arrival.kept) == (None, True)
