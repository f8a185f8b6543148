"""The platform's OAuth apps are proved on their own, without anybody's grant."""

import pytest

from lab.attempts import refusal
from lab.servers.oauth import Failure
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.relays import Relays
from mailbox_operator.decide.declared.infrastructure import Offer
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.machine import Proof
from system.connect.cases import JOE, smtp
from system.connect.oauth import World
from unit import make

APP = {"client-id": "app", "client-secret": "hush"}
APPS = make.offer(google="app", outlook="app", tenant="contoso.example")


@pytest.fixture
def platform(world: World) -> PlatformConnector:
    world.secrets.content = {("platform", "app"): APP}
    parts = (world.trust, world.secrets, world.apps, Relays(world.clock))
    return PlatformConnector(smtp(), *parts)


async def check(platform: PlatformConnector, offer: Offer) -> Proof:
    return await platform.check(make.infrastructure(offer))


async def test_the_platform_check_proves_nothing_where_nothing_is_offered(
    platform: PlatformConnector,
) -> None:
    assert await check(platform, Offer()) == Proof()


async def test_the_platform_check_proves_an_app_by_the_refusal_of_a_grant(
    world: World, platform: PlatformConnector
) -> None:
    assert await check(platform, APPS) == Proof()
    assert world.oauth.requests == {"refresh_token": 2}
    assert (world.mail.connections, world.grants.content) == (0, {})


async def test_the_platform_check_takes_a_grant_that_is_not_refused_for_no_harm(
    world: World, platform: PlatformConnector
) -> None:
    world.knows(refresh_tokens={"not-a-refresh-token": JOE})

    assert await check(platform, APPS) == Proof()


@pytest.mark.parametrize("offer", [make.offer(google="app"), make.offer(outlook="app")])
@pytest.mark.parametrize("change", [{"client-id": "x"}, {"client-secret": "x"}])
async def test_the_platform_check_reports_a_wrong_app(
    world: World, platform: PlatformConnector, offer: Offer, change: dict[str, str]
) -> None:
    world.secrets.content["platform", "app"] = {**APP, **change}

    fault = await refusal(check(platform, offer))

    assert fault.reason is Reason.OAUTH_APP_INVALID


@pytest.mark.parametrize("offer", [make.offer(google="app"), make.offer(outlook="app")])
@pytest.mark.parametrize(
    ("status", "reason"), [(429, Reason.RATE_LIMITED), (500, Reason.PROVIDER_UNAVAILABLE)]
)
async def test_the_platform_check_does_not_take_trouble_for_proof(
    world: World, platform: PlatformConnector, offer: Offer, status: int, reason: Reason
) -> None:
    world.knows(fail=Failure(status, {}))

    fault = await refusal(check(platform, offer))

    assert fault.reason is reason


async def test_the_platform_check_reports_an_unknown_tenant(
    world: World, platform: PlatformConnector
) -> None:
    world.knows(tenants=["fabrikam.example"])

    fault = await refusal(check(platform, APPS))

    assert fault.facts["code"] == "the tenant is not known there"


async def test_the_platform_check_reports_a_secret_that_is_missing(
    world: World, platform: PlatformConnector
) -> None:
    del world.secrets.content["platform", "app"]

    fault = await refusal(check(platform, APPS))

    assert (fault.reason, fault.facts["secret"]) == (Reason.CREDENTIALS_MISSING, "Secret app")
