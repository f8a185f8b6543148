"""Credentials go to the server they are meant for, and nowhere else: not even when it repeats them."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.oauth import google_failure
from lab.servers.smtp import Stage
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, infrastructure, mailbox, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE, MANAGED_GOOGLE, OUTLOOK
from lab.stand.standings import connected, retrying, stalled, waiting
from lab.stand.world import ADDRESS, GOOD, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

PASSWORD: Final = "canary-password-1"
WRONG: Final = "canary-password-2"
RELAY: Final = "canary-password-3"
SECRET: Final = "canary-client-secret"
GOOD_TOKEN: Final = "canary-refresh-token-1"
BAD_TOKEN: Final = "canary-refresh-token-2"
KEY: Final = "canary-private-key"
CANARIES: Final = (PASSWORD, WRONG, RELAY, SECRET, GOOD_TOKEN, BAD_TOKEN, KEY)
ECHO: Final = f"535 5.7.8 {WRONG} is wrong, and so is {base64.b64encode(WRONG.encode()).decode()}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    wordy = world.configuration(logLevel="DEBUG")
    async with Operator.run(installation, installation.write_configuration(wordy)) as running:
        yield await running.wait_leading()


async def test_no_credential_is_in_status_events_metrics_or_logs(scene: Scene) -> None:
    world, echo = scene.world, replace(GOOD, replies={Stage.AUTH: ECHO.encode()})
    world.grant(GOOD_TOKEN)
    world.oauth.behaviour = replace(world.oauth.behaviour, clients={"app": SECRET})
    right = replace(GOOD, accounts={ADDRESS: PASSWORD})
    async with world.server(right) as server, world.server(echo) as echoing:
        await scene.apply(secret({"password": PASSWORD}), mailbox(at(server)))
        await scene.apply(secret({"password": WRONG}, "wrong"))
        await scene.apply(mailbox(at(echoing) | named("wrong"), "wrong"))
        await play_oauth(scene)
        await play_platform(scene)
        await scene.until(connected())
        await scene.until(stalled("InvalidCredentials"), "wrong")
        await scene.reconnect("again")
        await scene.until_attempted(2)
        await until_told(scene)

    shown = await everything_shown(scene)
    tokens = {*world.oauth.ledger.access, *world.oauth.ledger.refresh}
    assert tokens
    assert [word for word in (*CANARIES, *tokens) for form in forms(word) if form in shown] == []


async def test_every_line_of_the_log_is_json(scene: Scene) -> None:
    lines = scene.operator.log.read_text().splitlines()

    assert [line for line in lines if not line.startswith("{")] == []
    assert len(scene.operator.lines()) == len(lines)


async def play_oauth(scene: Scene) -> None:
    """Connect by a token, and fail by a token, by a key, and by a server that repeats a token."""
    app = {"client-id": "app", "client-secret": SECRET, "tenant-id": "contoso.example"}
    account = json.dumps({"client_email": "robot@acme.example", "private_key": KEY})
    await scene.apply(secret(app | {"refresh-token": GOOD_TOKEN}, "good"))
    await scene.apply(secret(app | {"refresh-token": BAD_TOKEN}, "bad"))
    await scene.apply(secret({"service-account.json": account}, "key"))
    await scene.apply(
        mailbox(OUTLOOK | named("good"), "good"), mailbox(GOOGLE | named("bad"), "bad")
    )
    await scene.apply(mailbox(GOOGLE | named("key") | {"google": {"grant": "JWTBearer"}}, "key"))
    await scene.until(connected(), "good")
    await scene.until(stalled("GrantRevoked"), "bad")
    await scene.until(waiting("CredentialsMissing"), "key")
    oauth = scene.world.oauth
    repeating = google_failure("invalid_grant", f"{BAD_TOKEN} of {SECRET} is no good")
    oauth.behaviour = replace(oauth.behaviour, fail=repeating)
    await scene.reconnect("again", "bad")
    await scene.until_attempted(2, "bad")
    oauth.behaviour = replace(oauth.behaviour, fail=None)


async def play_platform(scene: Scene) -> None:
    """Offer an app that works, and a relay that is not there."""
    place = scene.platform_namespace
    app = {"client-id": "app", "client-secret": SECRET}
    login = {"username": "platform", "password": RELAY}
    await scene.apply(secret(app, "app", place), secret(login, "relay", place))
    relay = {"host": "localhost", "port": scene.world.server().port} | named("relay")
    offer = {"google": {"clientSecretRef": {"name": "app"}}, "relay": relay}
    await scene.apply(infrastructure(scene.namespace, offer))
    managed = MANAGED_GOOGLE | {"managedInfrastructureName": scene.namespace}
    await scene.apply(mailbox(managed, "managed"))
    await scene.until(waiting("AwaitingConsent"), "managed")
    await scene.until_platform(retrying("ConnectionRefused"), scene.namespace)


async def until_told(scene: Scene) -> None:
    """Wait for the Events of what connected and of what failed, so that they are looked at too."""

    async def told() -> set[tuple[str, str]]:
        found = await scene.cluster.list("Event", scene.namespace)
        return {(each["involvedObject"]["name"], each["reason"]) for each in found}

    wanted = {("jane", "Connected"), ("wrong", "InvalidCredentials"), ("bad", "GrantRevoked")}
    await eventually(told, wanted.issubset, tell=scene.operator.tail)


def named(name: str) -> dict[str, object]:
    """Name the Secret of a mailbox."""
    return {"credentialsSecretRef": {"name": name}}


async def everything_shown(scene: Scene) -> str:
    """Put together all that the operator has told anybody."""
    cluster, operator = scene.cluster, scene.operator
    objects = [
        await cluster.list("Mailbox", scene.namespace),
        await cluster.list("ManagedInfrastructure"),
        await cluster.list("Event"),
    ]
    written = [each.content for each in operator.requests()]
    _, metrics = await operator.get("/metrics")
    log = operator.log.read_text()
    assert '"level": "DEBUG"' in log
    return "\n".join([json.dumps(objects), json.dumps(written), metrics, log])


def forms(word: str) -> tuple[str, ...]:
    """Spell a word as it is, and in base64 at the three places it can have there."""
    inner = (base64.b64encode((" " * pad + word).encode()).decode() for pad in range(3))
    return (word, *(form[4:-4] for form in inner))
