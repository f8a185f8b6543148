"""A refresh token opens a Google mailbox, or the refusal says what is wrong with it."""

import pytest

from lab.attempts import refusal
from mailbox_operator.decide.declared.infrastructure import Offer
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Provider
from system.connect.cases import JANE, UID, case
from system.connect.oauth import World
from unit import make

MANAGED = make.offer(google="app")


def mailbox(offer: Offer | None = None, status: Status | None = None, version: str = "1") -> Case:
    return case(Provider.GOOGLE, offer, status or Status(), version)


async def test_connects(world: World) -> None:
    proof = await world.google.connect(mailbox())

    assert proof == Proof(
        world.google.endpoints.smtp.endpoint, f"sub-of-{JANE}", Ownership.UNPROVED
    )
    assert (world.tally, world.mail.attempts[0].sender) == ((1, 1), JANE)
    assert [seen.mailbox.uid for seen in world.refreshed] == [UID]


async def test_the_google_connector_waits_for_consent_when_there_is_no_token(world: World) -> None:
    world.holds(refresh_token="")

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, world.tally) == (Reason.AWAITING_CONSENT, (0, 0))


@pytest.mark.parametrize("key", ["client_id", "client_secret"])
async def test_the_google_connector_says_which_key_is_missing(world: World, key: str) -> None:
    world.holds(**{key: ""})

    fault = await refusal(world.google.connect(mailbox()))

    assert fault.reason is Reason.CREDENTIALS_MISSING
    assert key.replace("_", "-") in fault.facts["problem"]


async def test_the_google_connector_keeps_a_rotated_token(world: World) -> None:
    world.knows(rotate=True)

    await world.google.connect(mailbox())
    first = world.grants.content[UID]
    world.knows(refresh_tokens={})
    await world.google.connect(mailbox(version="2"))

    assert first.refresh_token.startswith("1//")
    assert "https://mail.google.com/" in first.scope
    assert world.grants.content[UID].origin == first.origin != ""


async def test_the_google_connector_keeps_nothing_when_no_token_was_rotated(world: World) -> None:
    await world.google.connect(mailbox())

    assert world.grants.content == {}


async def test_the_google_connector_takes_a_new_token_of_the_tenant_before_the_kept_one(
    world: World,
) -> None:
    world.knows(rotate=True)
    await world.google.connect(mailbox())
    kept = world.grants.content[UID]

    world.knows(refresh_tokens={"new": JANE}, rotate=False)
    world.holds(refresh_token="new")
    await world.google.connect(mailbox(version="2"))
    world.knows(refresh_tokens={})
    fault = await refusal(world.google.connect(mailbox(version="3")))

    assert (fault.reason, world.grants.content[UID]) == (Reason.GRANT_REVOKED, kept)


async def test_the_google_connector_takes_the_kept_token_when_the_tenant_has_none(
    world: World,
) -> None:
    world.holds(refresh_token="")
    world.grants.content[UID] = StoredGrant("old")

    await world.google.connect(mailbox())

    assert world.mail.attempts[0].accepted


async def test_the_google_connector_uses_the_platforms_app_and_grant_when_managed(
    world: World,
) -> None:
    world.secrets.content = {
        ("platform", "app"): {"client-id": "app", "client-secret": "hush"},
        ("team", "own"): {"client-id": "x", "client-secret": "x", "refresh-token": "x"},
    }
    world.grants.content[UID] = StoredGrant("old")

    proof = await world.google.connect(mailbox(MANAGED))

    assert world.mail.attempts[0].accepted
    assert proof.ownership is Ownership.PROVED
    assert world.secrets.reads == [("platform", "app")]


async def test_the_google_connector_takes_no_token_of_the_tenants_when_managed(
    world: World,
) -> None:
    world.secrets.content["platform", "app"] = {"client-id": "app", "client-secret": "hush"}

    fault = await refusal(world.google.connect(mailbox(MANAGED)))

    assert (fault.reason, world.tally) == (Reason.AWAITING_CONSENT, (0, 0))


@pytest.mark.parametrize("offer", [MANAGED, Offer()])
async def test_the_google_connector_blames_the_platform_for_an_app_that_is_missing(
    world: World, offer: Offer
) -> None:
    fault = await refusal(world.google.connect(mailbox(offer)))

    assert fault.reason is Reason.OAUTH_APP_INVALID
    assert fault.facts["code"] == "the platform offers no working Google app"
