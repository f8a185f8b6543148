"""Every combination of provider and infrastructure connects, by each of its grants."""

import base64
import json
from dataclasses import replace
from typing import Final

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.servers.smtp import Security
from lab.stand.manifests import Manifest, at, infrastructure, mailbox, password, secret
from lab.stand.scene import Scene
from lab.stand.specs import (
    GOOGLE,
    JANE,
    MANAGED_GOOGLE,
    MANAGED_OUTLOOK,
    MANAGED_SMTP,
    OUTLOOK,
    Spec,
)
from lab.stand.standings import Summary, connected, unverified, waiting
from lab.stand.world import GOOD

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

APP: Final = {"client-id": "app", "client-secret": "hush"}
ROBOT: Final = "robot@acme.example"


@pytest.mark.parametrize("security", Security)
async def test_a_private_smtp_mailbox_connects_by_user_name_and_password(
    scene: Scene, security: Security
) -> None:
    async with scene.world.server(replace(GOOD, security=security)) as server:
        await scene.apply(password(), mailbox(at(server)))

        found = await scene.until(connected())

    assert found["status"]["endpoint"] == at(server)["smtp"]
    assert server.attempts[0].sender == JANE["address"]


async def test_a_private_smtp_mailbox_connects_to_a_server_with_an_authority_of_its_own(
    scene: Scene,
) -> None:
    authority = secret({"ca.crt": scene.world.authority.ca_pem.decode()}, "ca")
    async with scene.world.server() as server:
        spec = at(server)
        spec["smtp"] |= {"caSecretRef": {"name": "ca"}}
        await scene.apply(password(), authority, mailbox(spec))

        await scene.until(connected())


async def test_a_private_google_mailbox_connects_by_refresh_token(scene: Scene) -> None:
    scene.world.grant("1//google-private")
    await scene.apply(secret(APP | {"refresh-token": "1//google-private"}), mailbox(GOOGLE))

    found = await scene.until(connected())

    assert found["status"]["endpoint"]["port"] == scene.world.google.port
    assert found["status"]["grantedIdentity"] == "sub-of-jane@acme.example"


async def test_a_private_google_mailbox_connects_by_service_account(scene: Scene) -> None:
    await scene.apply(
        secret({"service-account.json": service_account(scene)}),
        mailbox(GOOGLE | {"google": {"grant": "JWTBearer"}}),
    )

    await scene.until(connected())


async def test_a_private_outlook_mailbox_connects_by_refresh_token_and_keeps_the_next_one(
    scene: Scene,
) -> None:
    scene.world.grant("0.outlook-private")
    await scene.apply(
        secret(APP | {"refresh-token": "0.outlook-private", "tenant-id": "contoso.example"}),
        mailbox(OUTLOOK),
    )

    found = await scene.until(connected())

    kept = await scene.cluster.find("Secret", grant_name(found), scene.platform_namespace)
    assert kept is not None
    rotated = base64.b64decode(kept["data"]["refresh-token"]).decode()
    assert rotated in scene.world.oauth.ledger.refresh


async def test_a_private_outlook_mailbox_connects_by_the_app_itself(scene: Scene) -> None:
    spec = OUTLOOK | {"outlook": {"grant": "ClientCredentials", "tenant": "contoso.example"}}
    await scene.apply(secret(APP), mailbox(spec))

    await scene.until(connected())


@pytest.mark.parametrize(
    ("spec", "offer"),
    [
        pytest.param(MANAGED_GOOGLE, {"google": {}}, id="Google"),
        pytest.param(MANAGED_OUTLOOK, {"outlook": {"tenant": "contoso.example"}}, id="Outlook"),
    ],
)
async def test_a_managed_mailbox_connects_by_consent(scene: Scene, spec: Spec, offer: Spec) -> None:
    token = f"of {scene.namespace}"
    scene.world.grant(token)
    app = {name: {**more, "clientSecretRef": {"name": "app"}} for name, more in offer.items()}
    await scene.apply(secret(APP, "app", scene.platform_namespace), platform(scene, app))
    await scene.apply(mailbox(spec | {"managedInfrastructureName": scene.namespace}))
    await scene.until_platform(connected(), scene.namespace)
    found = await scene.until(waiting("AwaitingConsent"))

    grant = secret({"refresh-token": token}, grant_name(found), scene.platform_namespace)
    await scene.apply(grant)
    await scene.reconnect("now")

    found = await scene.until(connected())
    assert found["status"]["lastHandledReconnectAt"] == "now"


@pytest.mark.parametrize(
    ("settings", "address", "standing"),
    [
        pytest.param({"preset": "acme"}, "jane@other.example", unverified(), id="name"),
        pytest.param({}, "jane@acme.example", connected(), id="domain"),
        pytest.param({}, "jane@moved.example", connected(), id="mail exchanger"),
    ],
)
async def test_a_managed_smtp_mailbox_connects_by_preset(
    scene: Scene, settings: Spec, address: str, standing: Summary
) -> None:
    behaviour = replace(GOOD, accounts={address: "right"}, senders=(address,))
    async with scene.world.server(behaviour) as server:
        preset = {"name": "Acme", "host": "localhost", "port": server.port}
        known = {"domains": ["acme.example"], "mxSuffixes": ["mx.acme.example"]}
        named = {"address": address, "managedInfrastructureName": scene.namespace}
        await scene.apply(platform(scene, {"presets": [preset | known]}), password())
        await scene.apply(mailbox(MANAGED_SMTP | named | {"smtp": settings}))

        found = await scene.until(standing)

    assert found["status"]["endpoint"]["port"] == server.port


def platform(scene: Scene, offer: Spec) -> Manifest:
    """Offer something under the name of the test's namespace."""
    return infrastructure(scene.namespace, offer)


def grant_name(found: Manifest) -> str:
    """Name the Secret where the operator keeps what a mailbox was granted."""
    return f"mailbox-grant-{found['metadata']['uid']}"


def service_account(scene: Scene) -> str:
    """Create a service account at Google, and return its key file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    oauth = scene.world.oauth
    oauth.behaviour = replace(oauth.behaviour, service_accounts={ROBOT: public.decode()})
    return json.dumps({"client_email": ROBOT, "private_key": private.decode()})
