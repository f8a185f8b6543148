"""What the platform provides: missing, closed, broken, mended; a tenant sees it on the mailbox."""

from dataclasses import replace

import pytest

from lab.servers.smtp import SmtpServer
from lab.stand.manifests import ADDRESS, Manifest, infrastructure, mailbox, password, secret
from lab.stand.scene import Scene
from lab.stand.specs import MANAGED_GOOGLE, MANAGED_SMTP, Spec
from lab.stand.standings import connected, retrying, stalled, waiting
from lab.stand.world import GOOD

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

RELAY = replace(GOOD, accounts={"platform": "relayed"})


async def test_a_mailbox_waits_for_its_infrastructure(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(password(), managed(scene, MANAGED_SMTP))
        await scene.until(waiting("InfrastructureNotFound"))

        await scene.apply(offer(scene, server))

        await scene.until(connected())


async def test_a_namespace_is_admitted_by_its_labels(scene: Scene) -> None:
    selector = {"namespaceSelector": {"matchLabels": {"mail": "yes"}}}
    async with scene.world.server() as server:
        await scene.apply(offer(scene, server, **selector), password())
        await scene.apply(managed(scene, MANAGED_SMTP))
        await scene.until(waiting("InfrastructureNotAllowed"))

        labels = {"metadata": {"labels": {"mail": "yes"}}}
        await scene.cluster.merge("Namespace", scene.namespace, labels)

        await scene.until(connected())


async def test_the_relay_has_to_accept_the_sender_too(scene: Scene) -> None:
    refusing = replace(RELAY, senders=("joe@acme.example",))
    async with scene.world.server() as server, scene.world.server(refusing) as relay:
        await scene.apply(relay_login(scene), offer(scene, server, relay=at_relay(relay)))
        await scene.apply(password(), managed(scene, MANAGED_SMTP))
        await scene.until(stalled("RelayRefusedSender"))
        await scene.until_platform(connected(), scene.namespace)

        relay.behaviour = replace(RELAY, senders=(ADDRESS,))
        await scene.reconnect("allowed")

        await scene.until(connected())
    assert relay.attempts[-1].sender == ADDRESS


async def test_a_relay_that_is_down_shows_on_the_infrastructure_and_on_the_mailbox(
    scene: Scene,
) -> None:
    relay = scene.world.server(RELAY)
    async with scene.world.server() as server:
        await scene.apply(relay_login(scene), offer(scene, server, relay=at_relay(relay)))
        await scene.apply(password(), managed(scene, MANAGED_SMTP))
        await scene.until_platform(retrying("ConnectionRefused"), scene.namespace)
        await scene.until(retrying("RelayUnavailable"))

        async with relay:
            await scene.until_platform(connected(), scene.namespace)
            await scene.until(connected())


async def test_a_wrong_app_shows_on_the_infrastructure_and_on_the_mailbox_until_it_is_fixed(
    scene: Scene,
) -> None:
    token, app = (
        f"of {scene.namespace}",
        {"google": {"clientSecretRef": {"name": "at-first-wrong"}}},
    )
    scene.world.grant(token)
    await scene.apply(client_secret(scene, "guessed"), infrastructure(scene.namespace, app))
    await scene.apply(managed(scene, MANAGED_GOOGLE))
    await scene.until_platform(stalled("OAuthAppInvalid"), scene.namespace)
    uid = (await scene.until(waiting("AwaitingConsent")))["metadata"]["uid"]
    await scene.apply(of_platform(scene, {"refresh-token": token}, f"mailbox-grant-{uid}"))
    await scene.reconnect("granted")
    await scene.until(stalled("OAuthAppInvalid"))

    await scene.apply(client_secret(scene, "hush"))

    await scene.until_platform(connected(), scene.namespace)
    await scene.until(connected())


async def test_an_infrastructure_waits_for_its_secret(scene: Scene) -> None:
    app = {"outlook": {"clientSecretRef": {"name": f"app-of-{scene.namespace}"}}}
    await scene.apply(infrastructure(scene.namespace, app))
    await scene.until_platform(waiting("CredentialsMissing"), scene.namespace)

    login = {"client-id": "app", "client-secret": "hush"}
    await scene.apply(of_platform(scene, login, f"app-of-{scene.namespace}"))

    await scene.until_platform(connected(), scene.namespace)


def offer(scene: Scene, server: SmtpServer, **more: Spec) -> Manifest:
    """Offer a preset for the addresses of the tests."""
    preset = {"name": "Acme", "host": "localhost", "port": server.port}
    spec = {"presets": [preset | {"domains": ["acme.example"]}]}
    return infrastructure(scene.namespace, spec | more)


def at_relay(server: SmtpServer) -> Spec:
    """Declare a relay."""
    login = {"credentialsSecretRef": {"name": "relay"}}
    return {"host": "localhost", "port": server.port} | login


def managed(scene: Scene, spec: Spec) -> Manifest:
    """Declare a mailbox that uses the test's own infrastructure."""
    return mailbox(spec | {"managedInfrastructureName": scene.namespace})


def relay_login(scene: Scene) -> Manifest:
    """Write what the platform logs in to its relay with."""
    return of_platform(scene, {"username": "platform", "password": "relayed"}, "relay")


def client_secret(scene: Scene, word: str) -> Manifest:
    """Write the platform's app."""
    return of_platform(scene, {"client-id": "app", "client-secret": word}, "at-first-wrong")


def of_platform(scene: Scene, content: Spec, name: str) -> Manifest:
    """Write a Secret of the platform."""
    return secret(content, name, scene.platform_namespace)
