"""A login that is replaced works at once, and the one before as long as it is meant to."""

import base64
from dataclasses import replace
from typing import Final

import pytest

from lab.stand.eventually import eventually
from lab.stand.gateway_process import Application
from lab.stand.manifests import sender
from lab.stand.scene import Scene
from system.scenarios.sending.applications import login_of

pytestmark = [pytest.mark.cluster, pytest.mark.sending, pytest.mark.asyncio(loop_scope="module")]

KEY: Final = "mailbox-operator-login-key"


async def renewed(application: Application, scene: Scene) -> Application:
    """Wait until the Secret has another password, and return the application that read it."""

    async def look() -> str:
        return (await login_of(scene))["password"]

    before = application.login["password"]
    await eventually(look, lambda found: found != before)
    return replace(application, login=await login_of(scene))


async def test_a_password_of_a_new_key_works_at_once_and_the_former_until_its_key_is_removed(
    application: Application, scene: Scene
) -> None:
    key = await scene.cluster.find("Secret", KEY, scene.platform_namespace)
    assert key is not None
    rotated = {"data": {"previous": key["data"]["current"], "current": None}}
    await scene.cluster.merge("Secret", KEY, rotated, scene.platform_namespace)

    sent = await (await renewed(application, scene)).send()
    former = await application.send()
    ended = {"data": {"previous": None}}
    await scene.cluster.merge("Secret", KEY, ended, scene.platform_namespace)

    assert (sent[0], former[0]) == (250, 250)
    await eventually(application.send, lambda reply: reply[0] == 535)


async def test_a_password_of_a_new_revision_works_at_once_and_the_one_before_until_the_next(
    application: Application, scene: Scene
) -> None:
    await scene.cluster.merge("Sender", "app", {"spec": {"loginRevision": 1}}, scene.namespace)
    second = await renewed(application, scene)
    codes = [(await each.send())[0] for each in (second, application)]

    await scene.cluster.merge("Sender", "app", {"spec": {"loginRevision": 2}}, scene.namespace)
    third = await renewed(second, scene)
    codes += [(await each.send())[0] for each in (third, second, application)]

    assert codes == [250, 250, 250, 250, 535]


async def test_a_sender_that_is_created_again_has_another_password(
    application: Application, scene: Scene
) -> None:
    await scene.cluster.delete("Sender", "app", scene.namespace)
    await scene.apply(sender("jane"))

    async def look() -> str:
        found = await scene.cluster.find("Secret", "app-smtp", scene.namespace)
        return found["data"]["password"] if found else ""

    before = base64.b64encode(application.login["password"].encode()).decode()
    await eventually(look, lambda found: found not in {"", before}, within=60)
    again = replace(application, login=await login_of(scene))

    assert (await again.send())[0] == 250
    assert (await application.send())[0] == 535
