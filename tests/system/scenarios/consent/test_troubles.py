"""What goes wrong between the button and the last screen, in a real browser."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from lab.browser.person import Person
from lab.servers.oauth import google_failure
from lab.servers.smtp import Behaviour, OAuthStyle, Stage
from lab.stand.consents import APP, awaiting
from lab.stand.eventually import eventually
from lab.stand.manifests import ADDRESS, secret
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled, summary
from lab.stand.world import World

pytestmark = [pytest.mark.cluster, pytest.mark.consent, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def sane(world: World) -> AsyncIterator[None]:
    """Put the mail world back in order after a test."""
    oauth, outlook = world.oauth.behaviour, world.outlook.behaviour
    yield
    world.oauth.behaviour, world.outlook.behaviour = oauth, outlook


def knows(scene: Scene, **changes: Any) -> None:
    """Change what the provider knows or does."""
    scene.world.oauth.behaviour = replace(scene.world.oauth.behaviour, **changes)


async def test_the_page_says_that_the_mailbox_was_deleted_meanwhile(
    scene: Scene, person: Person
) -> None:
    await person.begins(await awaiting(scene))
    await scene.cluster.delete("Mailbox", "jane", scene.namespace)
    await person.allows()

    await person.sees("There is no such mailbox")


async def test_a_mailbox_created_again_meanwhile_gets_no_grant(
    scene: Scene, person: Person
) -> None:
    await person.begins(await awaiting(scene))
    await scene.cluster.delete("Mailbox", "jane", scene.namespace)
    await awaiting(scene)
    await person.allows()

    await person.sees("There is no such mailbox")
    assert summary(await scene.mailbox())["Ready"] == "False AwaitingConsent"


async def test_the_page_says_that_the_mailbox_was_changed_meanwhile(
    scene: Scene, person: Person
) -> None:
    await person.begins(await awaiting(scene))
    await scene.change({"displayName": "Another Jane"})
    await person.allows()

    await person.sees("The mailbox was changed meanwhile")


async def test_a_stolen_way_back_is_refused(scene: Scene, person: Person, browser: Browser) -> None:
    await person.begins(await awaiting(scene))
    stolen = await person.allows_and_is_robbed()

    async with Person.of(browser) as thief:
        await thief.page.goto(stolen)
        await thief.sees("This was begun in another browser")
    assert summary(await scene.mailbox())["Ready"] == "False AwaitingConsent"

    await person.page.goto(stolen)
    await scene.until(connected())


async def test_the_way_back_works_once(scene: Scene, person: Person) -> None:
    await person.begins(await awaiting(scene))
    async with person.page.expect_request("**/callback?*") as caught:
        await person.allows()
    await person.sees("Connected")

    await person.page.goto((await caught.value).url)

    await person.sees("This was done already")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (("access_denied", "AADSTS90094: Admin consent is required."), "has to approve this first"),
        (("admin_policy_enforced", ""), "its client ID, app"),
        (("access_denied", "AADSTS53003: Blocked by Conditional Access."), "does not let you sign"),
        (("server_error", ""), "did not answer"),
        (("something_new", ""), "something unexpected"),
    ],
    ids=lambda value: str(value[1] or value[0]),
)
async def test_the_page_explains_what_the_provider_says_at_once(
    scene: Scene, person: Person, error: tuple[str, str], words: str
) -> None:
    knows(scene, authorize_error=error)

    await person.begins(await awaiting(scene, "Outlook"))

    await person.sees(words)


async def test_the_page_shows_the_redirect_uri_to_register(scene: Scene, person: Person) -> None:
    knows(scene, redirect_uris=["https://elsewhere.example/callback"])
    url = await awaiting(scene)
    await person.begins(url)
    await person.sees("redirect_uri_mismatch")

    await person.page.goto(url)
    await person.page.get_by_text("Details for administrators").click()

    await person.sees("/callback")


async def test_the_page_names_a_wrong_client_secret(scene: Scene, person: Person) -> None:
    await person.begins(await awaiting(scene))
    wrong = {**APP, "client-secret": "its ID"}
    await scene.apply(secret(wrong, "app", scene.platform_namespace))
    try:
        await scene.until_platform(stalled("OAuthAppInvalid"), scene.namespace)
        await person.allows()
        await person.sees("its value, not its ID")
    finally:
        await scene.apply(secret(APP, "app", scene.platform_namespace))


async def test_the_page_says_that_the_provider_did_not_answer(scene: Scene, person: Person) -> None:
    await person.begins(await awaiting(scene))
    knows(scene, fail=google_failure("internal_failure", "", 503))
    await person.allows()

    await person.sees("Google did not answer")


async def test_the_page_says_that_lasting_access_was_left_out(scene: Scene, person: Person) -> None:
    knows(scene, offline=False)
    await person.begins(await awaiting(scene))
    await person.allows()

    await person.sees("You left out lasting access")


async def test_the_page_says_when_the_access_of_an_app_in_testing_ends(
    scene: Scene, person: Person
) -> None:
    knows(scene, refresh_token_expires_in=604799)
    await person.begins(await awaiting(scene))
    await person.allows()

    await person.sees("This access ends in 7 days")


async def test_the_page_names_a_clock_that_differs(scene: Scene, person: Person) -> None:
    knows(scene, id_token_claims={"iat": 4_000_000_000, "exp": 4_000_003_600})
    await person.begins(await awaiting(scene))
    await person.allows()

    await person.sees("clock")


async def test_a_consent_connects_once_the_mail_server_allows_logins(
    scene: Scene, person: Person
) -> None:
    reply = b"535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox."
    scene.world.outlook.behaviour = Behaviour(
        oauth_style=OAuthStyle.MICROSOFT, replies={Stage.AUTH: (reply,) * 50}
    )
    await person.begins(await awaiting(scene, "Outlook"))
    await person.allows("Accept")
    await person.sees("Allowed, but not connected yet")
    await scene.until(stalled("SmtpAuthDisabled"))

    scene.world.outlook.behaviour = Behaviour(oauth_style=OAuthStyle.MICROSOFT)
    await scene.reconnect("switched on")

    await scene.until(connected())


async def test_a_failed_consent_is_an_event_and_is_counted(scene: Scene, person: Person) -> None:
    await person.begins(await awaiting(scene))
    await person.cancels()
    await person.sees("Access was not fully allowed")

    async def told() -> list[str]:
        events = await scene.cluster.list("Event", scene.namespace)
        return [each["reason"] for each in events]

    await eventually(told, lambda reasons: "ConsentIncomplete" in reasons)
    counted = await scene.operator.metrics()
    labels = 'infrastructure="Managed",provider="Google",reason="ConsentIncomplete"'
    names = [name for name in counted if name.startswith("mailbox_operator_consents_ended_total")]
    assert any(set(labels.split(",")) <= set(n.split("{")[1][:-1].split(",")) for n in names)


async def test_a_consent_leaks_no_state_code_or_token(scene: Scene, person: Person) -> None:
    await person.begins(await awaiting(scene))
    async with person.page.expect_request("**/callback?*") as caught:
        await person.allows()
    state = (await caught.value).url.partition("state=")[2].partition("&")[0]
    await scene.until(connected())

    ledger = scene.world.oauth.ledger
    secrets = {state, *ledger.refresh, *ledger.access, *ledger.codes, "hush"}
    events = await scene.cluster.list("Event", scene.namespace)
    told = f"{scene.operator.log.read_text()}{events}{await scene.mailbox()}"
    assert [each for each in secrets if each in told] == []
    assert ADDRESS in str(await scene.mailbox())
