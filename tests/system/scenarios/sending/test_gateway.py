"""An application sends through its Mailbox by what is in one Secret, and knows no provider."""

from typing import Final

import pytest

from lab.stand.consents import APP
from lab.stand.eventually import eventually
from lab.stand.gateway_process import Application, Gateway
from lab.stand.manifests import ADDRESS, RECONNECT, mailbox, secret, sender
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE
from lab.stand.standings import available, connected
from lab.stand.world import World
from system.scenarios.sending.applications import application_of

pytestmark = [pytest.mark.cluster, pytest.mark.sending, pytest.mark.asyncio(loop_scope="module")]

ASKED: Final = {"metadata": {"annotations": {RECONNECT: "now"}}}


async def test_an_application_sends_by_what_is_in_its_secret(application: Application) -> None:
    code, text = await application.send()

    assert code == 250, text


async def test_a_foreign_author_is_refused(application: Application) -> None:
    code, text = await application.send(**{"from": "ceo@acme.example"})

    assert (code, text) == (
        553,
        f"5.7.1 the header From must contain {ADDRESS} and no other address",
    )


async def test_a_deleted_sender_is_out_within_a_second(
    application: Application, scene: Scene
) -> None:
    await scene.cluster.delete("Sender", "app", scene.namespace)

    async def told() -> tuple[int, str]:
        return await application.send()

    await eventually(told, lambda reply: reply[0] == 535, within=2)


async def test_an_application_sends_through_a_google_mailbox_and_learns_of_its_grant(
    scene: Scene, world: World, gateway: Gateway
) -> None:
    world.grant("1//given")
    await scene.apply(secret(APP | {"refresh-token": "1//given"}), mailbox(GOOGLE), sender("jane"))
    await scene.until(connected())
    await scene.until_sender(available())
    application = await application_of(scene, gateway)
    sent = await eventually(application.send, lambda reply: reply[0] == 250)
    assert b"from: " + ADDRESS.encode() in world.google.messages[-1].lower()

    world.oauth.revoke_account(ADDRESS)
    await scene.cluster.merge("Mailbox", "jane", ASKED, scene.namespace)
    refused = await eventually(application.send, lambda reply: "GrantRevoked" in reply[1], 60)
    world.grant("1//again")
    await scene.apply(secret(APP | {"refresh-token": "1//again"}))
    back = await eventually(application.send, lambda reply: reply[0] == 250, 60)

    assert refused[0] == 451
    assert sent == back
