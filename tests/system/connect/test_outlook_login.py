"""An Outlook account logs in by its user name, and sends as an address that may be another's."""

from typing import Final

from lab.attempts import refusal
from lab.servers.oauth_script import CONTOSO
from lab.servers.smtp import Behaviour as Mail
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Provider
from system.connect.cases import JANE, JOE, case
from system.connect.oauth import World, given_to_the_platform

UPN: Final = "u123456@acme.example"
JOES: Final = f"{CONTOSO}/00000000-0000-0000-66f3-3332eca7ea81"
GIVEN: Final = StoredGrant("old", identity=JOES, login=JOE, account=JOE)
"""What a delegate's consent left behind."""


async def test_an_account_logs_in_by_the_user_name_that_its_token_tells(world: World) -> None:
    world.knows(refresh_tokens={"old": UPN})

    await world.outlook.connect(case(Provider.OUTLOOK))

    [attempt] = world.mail.attempts
    assert (attempt.username, attempt.sender) == (UPN, JANE)


async def test_a_delegate_logs_in_by_the_name_that_the_spec_states(world: World) -> None:
    world.knows(refresh_tokens={"old": JOE})

    await world.outlook.connect(case(Provider.OUTLOOK, login_name="Joe@acme.example"))

    [attempt] = world.mail.attempts
    assert (attempt.username, attempt.sender) == (JOE, JANE)


async def test_a_token_of_another_than_the_stated_account_is_not_tried(world: World) -> None:
    world.knows(refresh_tokens={"old": JANE})

    fault = await refusal(world.outlook.connect(case(Provider.OUTLOOK, login_name=JOE)))

    assert (fault.reason, world.tally) == (Reason.IDENTITY_MISMATCH, (1, 0))


async def test_an_account_that_may_not_send_as_the_address_does_not_connect(world: World) -> None:
    world.knows(refresh_tokens={"old": JOE})
    world.mail.behaviour = Mail(senders=(JOE,))

    fault = await refusal(world.outlook.connect(case(Provider.OUTLOOK, login_name=JOE)))

    assert fault.reason is Reason.SENDER_NOT_ALLOWED


async def test_a_bound_mailbox_takes_no_other_account_of_the_stated_name(world: World) -> None:
    world.knows(refresh_tokens={"old": JOE})
    bound = Status(granted_identity=f"{CONTOSO}/who-had-that-name-before")

    fault = await refusal(
        world.outlook.connect(case(Provider.OUTLOOK, login_name=JOE, status=bound))
    )

    assert (fault.reason, world.tally) == (Reason.IDENTITY_MISMATCH, (1, 0))


async def test_a_delegates_login_does_not_prove_the_address(world: World) -> None:
    world.knows(refresh_tokens={"old": JOE}, tenants=["common"])

    proof = await world.outlook.connect(given_to_the_platform(world, GIVEN, login_name=JOE))

    assert (proof.identity, proof.ownership) == (JOES, Ownership.UNPROVED)


async def test_a_delegates_grant_ends_with_its_name_in_the_spec(world: World) -> None:
    world.knows(refresh_tokens={"old": JOE}, tenants=["common"])

    fault = await refusal(world.outlook.connect(given_to_the_platform(world, GIVEN)))

    assert (fault.reason, world.tally) == (Reason.IDENTITY_MISMATCH, (1, 0))


async def test_an_account_that_is_the_right_one_is_not_called_another(world: World) -> None:
    world.refuses(b"535 5.7.3 Authentication unsuccessful")

    fault = await refusal(world.outlook.connect(case(Provider.OUTLOOK)))

    assert (fault.reason, fault.finding) == (Reason.ACCESS_BLOCKED, Finding.TOKEN_REFUSED)
    assert fault.facts["login"] == JANE
