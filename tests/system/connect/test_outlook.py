"""A refresh token opens an Outlook mailbox, or the refusal says what is wrong with it."""

import pytest

from lab.attempts import refusal
from lab.servers.oauth import Identity, microsoft_failure
from lab.servers.oauth_script import CONTOSO
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Cloud, Provider
from system.connect.cases import JANE, JOE, UID, case
from system.connect.oauth import World, given_to_the_platform
from unit import make

MAILBOX = case(Provider.OUTLOOK)
PERSON = "00000000-0000-0000-66f3-3332eca7ea81"


async def test_connects(world: World) -> None:
    proof = await world.outlook.connect(MAILBOX)

    assert proof.identity == f"{CONTOSO}/{PERSON}"
    assert (world.tally, world.mail.attempts[0].sender) == ((1, 1), JANE)


async def test_the_outlook_connector_keeps_the_token_that_each_refresh_brings(world: World) -> None:
    await world.outlook.connect(MAILBOX)
    first = world.grants.content[UID]
    world.knows(refresh_tokens={})
    await world.outlook.connect(case(Provider.OUTLOOK, version="2"))
    second = world.grants.content[UID]

    assert first.refresh_token != second.refresh_token
    assert first.origin == second.origin != ""
    assert "SMTP.Send" in second.scope


async def test_the_outlook_connector_waits_for_consent_when_there_is_no_token(world: World) -> None:
    world.holds(refresh_token="")

    fault = await refusal(world.outlook.connect(MAILBOX))

    assert (fault.reason, world.tally) == (Reason.AWAITING_CONSENT, (0, 0))


async def test_the_outlook_connector_uses_the_platforms_app_tenant_and_grant_when_managed(
    world: World,
) -> None:
    world.secrets.content = {("platform", "app"): {"client-id": "app", "client-secret": "hush"}}
    world.grants.content[UID] = StoredGrant("old")
    world.knows(tenants=["contoso.example"])
    offer = make.offer(outlook="app", tenant="contoso.example")

    proof = await world.outlook.connect(case(Provider.OUTLOOK, offer, cloud=Cloud.CHINA))

    assert world.mail.attempts[0].accepted
    assert proof.ownership is Ownership.PROVED
    assert world.secrets.reads == [("platform", "app")]


@pytest.mark.parametrize(
    ("stated", "own", "known"),
    [
        ("contoso.example", "", "contoso.example"),
        ("contoso.example", "fabrikam.example", "contoso.example"),
        (None, "fabrikam.example", "fabrikam.example"),
        (None, "", "common"),
    ],
)
async def test_the_outlook_connector_asks_the_right_tenant(
    world: World, stated: str | None, own: str, known: str
) -> None:
    world.holds(tenant_id=own)
    world.knows(tenants=[known])

    await world.outlook.connect(case(Provider.OUTLOOK, tenant=stated))

    assert world.mail.attempts[0].accepted


@pytest.mark.parametrize("tenant", ["contoso.example", "../jwks", "a/b?c#d", "..", "ü"])
async def test_the_outlook_connector_reports_an_unknown_tenant(world: World, tenant: str) -> None:
    world.holds(tenant_id=tenant)
    world.knows(tenants=[])

    fault = await refusal(world.outlook.connect(MAILBOX))

    assert (fault.reason, world.tally) == (Reason.OAUTH_APP_INVALID, (0, 0))
    assert fault.facts["code"] == "the tenant is not known there"


@pytest.mark.parametrize("cloud", [Cloud.CHINA, Cloud.US_GOVERNMENT])
async def test_the_outlook_connector_asks_the_right_cloud(world: World, cloud: Cloud) -> None:
    fault = await refusal(world.outlook.connect(case(Provider.OUTLOOK, cloud=cloud)))

    assert (fault.reason, fault.facts["code"]) == (
        Reason.NETWORK_UNAVAILABLE, "localhost:1 refuses the connection")  # fmt: skip
    assert world.tally == (0, 0)


async def test_the_outlook_connector_does_not_log_in_without_the_scope(world: World) -> None:
    world.knows(granted_scopes="https://outlook.office.com/IMAP.AccessAsUser.All")

    fault = await refusal(world.outlook.connect(MAILBOX))

    assert (fault.reason, world.tally) == (Reason.CONSENT_INCOMPLETE, (1, 0))
    assert fault.facts["missing"] == "SMTP.Send"


@pytest.mark.parametrize(
    ("identity", "mismatch"),
    [
        (Identity(email=JOE, sub="", preferred_username=JANE), False),
        (Identity(email=JANE, sub="", preferred_username=JOE), True),
        (Identity(email=JANE, sub="", preferred_username="Jane@ACME.example"), False),
    ],
)
async def test_the_outlook_connector_knows_an_account_by_its_username_and_never_by_its_email(
    world: World, identity: Identity, mismatch: bool  # noqa: FBT001 - a column of the table
) -> None:  # fmt: skip
    managed = given_to_the_platform(world, StoredGrant("old"))
    world.knows(identities={JANE: identity}, tenants=["common"])

    if mismatch:
        fault = await refusal(world.outlook.connect(managed))
        assert (fault.reason, world.tally) == (Reason.IDENTITY_MISMATCH, (1, 0))
    else:
        await world.outlook.connect(managed)


async def test_the_outlook_connector_reports_another_identity_than_before(world: World) -> None:
    bound = case(Provider.OUTLOOK, status=Status(granted_identity=f"{CONTOSO}/somebody"))

    fault = await refusal(world.outlook.connect(bound))

    assert (fault.reason, world.tally) == (Reason.IDENTITY_MISMATCH, (1, 0))


async def test_the_outlook_connector_does_not_replay_an_old_refusal(world: World) -> None:
    world.knows(fail=microsoft_failure(50076, "MFA."))
    await refusal(world.outlook.connect(MAILBOX))

    world.knows(fail=None)
    await world.outlook.connect(MAILBOX)

    assert world.tally == (2, 1)
