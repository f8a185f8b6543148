"""An app may send as a mailbox, if the organisation's administrator lets it."""

import pytest

from lab.attempts import refusal
from lab.servers.smtp import Behaviour, OAuthStyle
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Grant, Provider
from system.connect.cases import JANE, JOE, case
from system.connect.oauth import World


def mailbox(tenant: str | None = "contoso.example") -> Case:
    return case(Provider.OUTLOOK, grant=Grant.CLIENT_CREDENTIALS, tenant=tenant)


async def test_connects(world: World) -> None:
    proof = await world.outlook.connect(mailbox())

    assert (proof.identity, world.mail.attempts[0].username) == ("", JANE)
    assert world.oauth.requests == {"client_credentials": 1}
    assert world.grants.content == {}


async def test_the_outlook_app_takes_the_tenant_of_the_secret(world: World) -> None:
    world.holds(tenant_id="contoso.example")
    world.knows(tenants=["contoso.example"])

    await world.outlook.connect(mailbox(None))

    assert world.mail.attempts[0].accepted


@pytest.mark.parametrize("tenant", [None, "common", "Organizations", "consumers"])
async def test_the_outlook_app_needs_a_tenant_of_its_own(world: World, tenant: str | None) -> None:
    fault = await refusal(world.outlook.connect(mailbox(tenant)))

    assert (fault.reason, world.tally) == (Reason.INVALID_SPEC, (0, 0))
    assert fault.facts["field"] == "spec.outlook.tenant"


async def test_misses_the_permission_for_the_mailbox(world: World) -> None:
    world.mail.behaviour = Behaviour(oauth_style=OAuthStyle.MICROSOFT)
    world.knows(app_only=[JOE])

    fault = await refusal(world.outlook.connect(mailbox()))

    assert (fault.reason, world.tally) == (Reason.DELEGATION_NOT_GRANTED, (1, 1))


async def test_the_outlook_app_tries_a_fresh_token_when_the_kept_one_is_refused(
    world: World,
) -> None:
    await world.outlook.connect(mailbox())
    world.refuses(b"535 5.7.3 Authentication unsuccessful", None)

    await world.outlook.connect(mailbox())

    assert world.tally == (2, 3)


async def test_the_outlook_app_reports_a_wrong_client_secret(world: World) -> None:
    world.holds(client_secret="wrong")

    fault = await refusal(world.outlook.connect(mailbox()))

    assert (fault.reason, fault.facts["code"]) == (Reason.OAUTH_APP_INVALID, "AADSTS7000215")
