"""A person clicks Allow in a real browser, and the mailbox connects."""

import base64
from dataclasses import replace

import pytest
from playwright.async_api import Browser

from lab.browser.person import Person
from lab.stand.consents import APP, awaiting, link
from lab.stand.eventually import eventually
from lab.stand.manifests import ADDRESS, mailbox, secret
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled, waiting

pytestmark = [pytest.mark.cluster, pytest.mark.consent, pytest.mark.asyncio(loop_scope="module")]

BOB = "bob@acme.example"
LEAVING, PARTLY = "leaving@acme.example", "partly@acme.example"
"""Of one test each: nothing is revoked while a grant lives by the same account, kept ones included."""


@pytest.mark.parametrize(
    ("provider", "button"), [("Google", "Allow"), ("Outlook", "Accept")], ids=str
)
async def test_a_person_who_allows_is_connected(
    scene: Scene, person: Person, provider: str, button: str
) -> None:
    await person.begins(await awaiting(scene, provider))
    await person.allows(button)

    await person.sees("Connected")
    found = await scene.until(connected())
    assert "consentURL" not in found["status"]
    assert found["status"]["grantedIdentity"]
    assert found["status"]["claimedAt"]


async def test_the_consent_page_works_without_scripts(scene: Scene, browser: Browser) -> None:
    async with Person.of(browser, scripts=False) as somebody:
        await somebody.begins(await awaiting(scene))
        await somebody.allows()

        await somebody.sees("Connected")


async def test_a_revoked_mailbox_reconnects_by_the_same_link(scene: Scene, person: Person) -> None:
    url = await awaiting(scene)
    await person.begins(url)
    await person.allows()
    await scene.until(connected())

    scene.world.oauth.revoke_account(ADDRESS)
    await scene.reconnect("to see")
    found = await scene.until(stalled("GrantRevoked"))

    assert found["status"]["consentURL"] == url
    await person.begins(url)
    await person.allows()
    await scene.until(connected())


async def test_a_private_mailbox_asks_by_the_tenants_own_app(scene: Scene, person: Person) -> None:
    spec = {"address": ADDRESS, "provider": "Google", "infrastructure": "Private"}
    await scene.apply(secret(APP), mailbox(spec | {"credentialsSecretRef": {"name": "jane"}}))

    await person.begins(await link(scene))
    await person.allows()

    await scene.until(connected())


async def test_a_consent_replaces_a_dead_token_of_the_tenant(scene: Scene, person: Person) -> None:
    spec = {"address": ADDRESS, "provider": "Google", "infrastructure": "Private"}
    await scene.apply(secret({**APP, "refresh-token": "dead"}))
    await scene.apply(mailbox(spec | {"credentialsSecretRef": {"name": "jane"}}))
    found = await scene.until(stalled("GrantRevoked"))

    await person.begins(found["status"]["consentURL"])
    await person.allows()

    await scene.until(connected())


async def test_a_person_who_cancels_may_try_again(scene: Scene, person: Person) -> None:
    await person.begins(await awaiting(scene))
    await person.cancels()
    await person.sees("Access was not fully allowed")

    await person.allows("Try again")
    await person.allows()

    await scene.until(connected())


async def test_a_person_who_leaves_a_permission_out_learns_which(
    scene: Scene, person: Person
) -> None:
    await person.begins(await awaiting(scene, address=PARTLY))
    await person.unticks("https://mail.google.com/")
    await person.allows()

    await person.sees("You left out")
    assert len(scene.world.oauth.ledger.revocations) > 0
    assert (await scene.mailbox())["status"]["consentURL"]


async def test_a_person_who_uses_another_account_is_asked_for_the_right_one(
    scene: Scene, person: Person
) -> None:
    oauth = scene.world.oauth
    url = await awaiting(scene)
    oauth.behaviour = replace(oauth.behaviour, signed_in=BOB)
    try:
        await person.begins(url)
        await person.allows()
        await person.sees(f"You signed in as {BOB}; this mailbox is to be connected by {ADDRESS}")

        await person.allows("Try again")
        await person.chooses(ADDRESS)
        await person.allows()
    finally:
        oauth.behaviour = replace(oauth.behaviour, signed_in=None)

    await scene.until(connected())


async def test_the_grant_of_a_deleted_mailbox_is_revoked(scene: Scene, person: Person) -> None:
    await person.begins(await awaiting(scene, address=LEAVING))
    await person.allows()
    found = await scene.until(connected())
    name = f"mailbox-grant-{found['metadata']['uid']}"
    grant = await scene.cluster.find("Secret", name, scene.platform_namespace)
    assert grant is not None
    token = base64.b64decode(grant["data"]["refresh-token"]).decode()

    await scene.cluster.delete("Mailbox", "jane", scene.namespace)

    async def kept() -> bool:
        return await scene.cluster.find("Secret", name, scene.platform_namespace) is not None

    await eventually(kept, lambda is_kept: not is_kept, tell=scene.operator.tail)
    assert scene.world.oauth.ledger.revocations.count(token) == 1


async def test_a_grant_that_somebody_deleted_is_asked_for_again(
    scene: Scene, person: Person
) -> None:
    url = await awaiting(scene)
    await person.begins(url)
    await person.allows()
    found = await scene.until(connected())

    name = f"mailbox-grant-{found['metadata']['uid']}"
    await scene.cluster.delete("Secret", name, scene.platform_namespace)

    assert await link(scene) == url


async def test_a_person_who_consents_for_an_address_of_another_mailbox_learns_so(
    scene: Scene, person: Person
) -> None:
    url = await awaiting(scene)
    spec = (await scene.mailbox())["spec"]
    await person.begins(url)
    await person.allows()
    await scene.until(connected())
    await scene.apply(mailbox({**spec, "address": ADDRESS.upper()}, "second"))
    second = await link_of(scene, "second")
    revoked = list(scene.world.oauth.ledger.revocations)

    await person.begins(second)
    await person.allows()
    await person.sees("This address is connected already")

    uid = second.rpartition("/")[2]
    grant = await scene.cluster.find("Secret", f"mailbox-grant-{uid}", scene.platform_namespace)
    assert grant is None
    assert scene.world.oauth.ledger.revocations == revoked
    await scene.until(waiting("AwaitingConsent"), "second")
    await scene.cluster.delete("Mailbox", "jane", scene.namespace)
    await person.begins(second)
    await person.allows()
    await scene.until(connected(), "second")


async def link_of(scene: Scene, name: str) -> str:
    async def look() -> str:
        status = (await scene.mailbox(name)).get("status", {})
        return str(status.get("consentURL", ""))

    return await eventually(look, tell=scene.operator.tail)
