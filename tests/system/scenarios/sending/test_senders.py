"""A Sender gets a login in a Secret of its own, and says whether it has a mailbox to send through."""

import base64
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import pytest
import pytest_asyncio
from cryptography.x509 import (
    DNSName,
    SubjectAlternativeName,
    load_pem_x509_certificate,
    load_pem_x509_certificates,
)

from lab.stand.cluster import Object
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import ADDRESS, RECONNECT, at, mailbox, password, secret, sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import available, connected, stalled, waiting
from lab.stand.world import World
from mailbox_operator.decide.sending.login import is_password

pytestmark = [pytest.mark.cluster, pytest.mark.sending, pytest.mark.asyncio(loop_scope="module")]

GATEWAY: Final = {"host": "mailbox-gateway.mail.svc", "port": 2587, "tlsPort": 2465}
KEY: Final = "mailbox-operator-login-key"
LEAF: Final = "mailbox-operator-gateway-tls"
KEYS: Final = {
    *("type", "provider", "host", "port", "tls-port", "username", "password", "uri", "from"),
    "certificates",
}
SOON_SECONDS: Final = 5.0
ASKED: Final = {"metadata": {"annotations": {RECONNECT: "now"}}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    """One operator with a gateway for the tests of this module."""
    configuration = installation.write_configuration(world.configuration(gateway=GATEWAY))
    async with Operator.run(installation, configuration) as running:
        yield await running.wait_leading()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(scene: Scene) -> AsyncIterator[Scene]:
    """A namespace with a connected Mailbox."""
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())
        yield scene


async def login(scene: Scene, name: str = "app-smtp") -> dict[str, str]:
    """Read the login in a Secret; empty if there is none."""
    found = await scene.cluster.find("Secret", name, scene.namespace)
    return texts(found) if found else {}


def texts(found: Object) -> dict[str, str]:
    data = found.get("data") or {}
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


async def until_login(
    scene: Scene, wanted: Callable[[Mapping[str, str]], Any], name: str = "app-smtp"
) -> dict[str, str]:
    """Wait until the login in a Secret is as wanted; return it."""
    return await eventually(
        lambda: login(scene, name), lambda found: bool(wanted(found)), SOON_SECONDS
    )


async def until_status(scene: Scene, field: str, value: object) -> Object:
    """Wait until the status of the Sender has a value; return the Sender."""

    async def look() -> Object:
        return await scene.cluster.find("Sender", "app", scene.namespace) or {}

    return await eventually(look, lambda found: found["status"].get(field) == value, SOON_SECONDS)


async def key_of(scene: Scene) -> bytes:
    """Read the key of all logins."""
    found = await scene.cluster.find("Secret", KEY, scene.platform_namespace)
    assert found is not None
    return base64.b64decode(found["data"]["current"])


async def test_a_sender_gets_a_secret_with_all_an_application_has_to_know(desk: Scene) -> None:
    await desk.apply(sender("jane"))

    found = await desk.until_sender(available(), within=SOON_SECONDS)

    told = await login(desk)
    assert told.keys() == KEYS
    assert told["username"] == f"{desk.namespace}.app"
    assert (told["host"], told["port"], told["tls-port"]) == (GATEWAY["host"], "2587", "2465")
    assert (told["type"], told["from"]) == ("smtp", ADDRESS)
    assert is_password([await key_of(desk)], found["metadata"]["uid"], 0, told["password"])
    assert found["status"]["binding"] == {"name": "app-smtp"}
    assert found["status"]["mailboxes"] == {"selected": 1, "connected": 1, "summary": "1/1"}


async def test_an_application_verifies_the_gateway_by_the_authority_in_its_secret(
    desk: Scene,
) -> None:
    await desk.apply(sender("jane"))
    await desk.until_sender(available(), within=SOON_SECONDS)

    told = await login(desk)

    served = await desk.cluster.find("Secret", LEAF, desk.platform_namespace)
    assert served is not None
    (authority,) = load_pem_x509_certificates(told["certificates"].encode())
    leaf = load_pem_x509_certificate(texts(served)["tls.crt"].encode())
    leaf.verify_directly_issued_by(authority)
    names = leaf.extensions.get_extension_for_class(SubjectAlternativeName).value
    assert told["host"] in names.get_values_for_type(DNSName)
    assert "ca.key" not in texts(served)


async def test_the_secret_of_a_sender_is_owned_by_it_and_goes_with_it(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    found = await desk.until_sender(available())
    made = await desk.cluster.find("Secret", "app-smtp", desk.namespace)
    assert made is not None
    (owner,) = made["metadata"]["ownerReferences"]

    await desk.cluster.delete("Sender", "app", desk.namespace)

    await eventually(lambda: login(desk), lambda told: not told, within=30)
    assert made["type"] == "servicebinding.io/smtp"
    assert owner == {
        "apiVersion": "mailbox-operator.io/v1alpha1",
        "kind": "Sender",
        "name": "app",
        "uid": found["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": False,
    }


async def test_a_deleted_secret_comes_back_with_the_same_password(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    await desk.until_sender(available())
    before = await login(desk)

    await desk.cluster.delete("Secret", "app-smtp", desk.namespace)

    assert await until_login(desk, lambda told: told) == before


async def test_a_changed_secret_is_written_back(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    await desk.until_sender(available())
    before = await login(desk)
    change = {"data": {"host": None, "extra": "eA=="}}

    await desk.cluster.merge("Secret", "app-smtp", change, desk.namespace)

    assert await until_login(desk, lambda told: "host" in told) == before


async def test_a_secret_of_a_tenant_is_never_taken_over(desk: Scene) -> None:
    own = {"password": "mine"}
    await desk.apply(secret(own, "app-smtp"), sender("jane"))

    found = await desk.until_sender(stalled("SecretNameTaken"))

    assert await login(desk) == own
    assert "binding" not in found["status"]


async def test_a_name_that_becomes_free_is_used(desk: Scene) -> None:
    await desk.apply(secret({"password": "mine"}, "app-smtp"), sender("jane"))
    await desk.until_sender(stalled("SecretNameTaken"))

    await desk.cluster.delete("Secret", "app-smtp", desk.namespace)

    await desk.until_sender(available(), within=SOON_SECONDS)
    assert (await login(desk)).keys() == KEYS


async def test_a_higher_revision_brings_a_new_password_and_keeps_the_one_before(
    desk: Scene,
) -> None:
    await desk.apply(sender("jane"))
    found = await desk.until_sender(available())
    old = (await login(desk))["password"]

    await desk.apply(sender("jane", loginRevision=1))

    new = (await until_login(desk, lambda told: told["password"] != old))["password"]
    key, uid = await key_of(desk), found["metadata"]["uid"]
    assert [is_password([key], uid, 1, each) for each in (new, old)] == [True, True]
    assert not is_password([key], uid, 2, old)


async def test_a_suspended_sender_is_left_alone(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    await desk.until_sender(available())
    old = (await login(desk))["password"]

    await desk.apply(sender("jane", suspend=True, loginRevision=1))

    found = await until_status(desk, "observedGeneration", 2)
    assert found["status"]["conditions"][0]["status"] == "True"
    assert (await login(desk))["password"] == old


async def test_a_sender_follows_its_mailbox(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    await desk.until_sender(available())

    await desk.apply(password("wrong"))
    found = await desk.until_sender(waiting("MailboxNotConnected"))
    assert f"{desk.namespace}/jane: InvalidCredentials" in str(found["status"]["conditions"])
    assert found["status"]["binding"] == {"name": "app-smtp"}

    await desk.apply(password())
    await desk.until_sender(available())


async def test_a_sender_waits_for_a_mailbox_that_is_not_there(scene: Scene) -> None:
    await scene.apply(sender("jane"))
    await scene.until_sender(waiting("NoMailbox"))

    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))

        await scene.until_sender(available())


async def test_a_sender_with_one_of_two_mailboxes_is_available(desk: Scene) -> None:
    await desk.apply(sender("jane", "bob"))

    found = await desk.until_sender(available())

    assert found["status"]["mailboxes"]["summary"] == "1/2"
    assert f"1 of 2 mailboxes are connected; {desk.namespace}/bob: NotFound" in str(
        found["status"]["conditions"]
    )


async def test_two_senders_of_one_mailbox_have_logins_of_their_own(desk: Scene) -> None:
    await desk.apply(sender("jane"), sender("jane", name="shop", secretName="shop-login"))
    await desk.until_sender(available())
    await desk.until_sender(available(), "shop")

    first, second = await login(desk), await login(desk, "shop-login")

    assert first["password"] != second["password"]
    assert second["username"] == f"{desk.namespace}.shop"


async def test_kubectl_waits_for_a_sender(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    waits = ("wait", "--for=condition=Ready", "sender/app", "--timeout=15s")

    told = desk.cluster.plane.kubectl(*waits, "-n", desk.namespace)

    assert "condition met" in told


async def test_a_rotated_key_brings_new_passwords_and_keeps_the_former_key(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    found = await desk.until_sender(available())
    old, former = (await login(desk))["password"], await key_of(desk)
    rotated = {"data": {"previous": base64.b64encode(former).decode(), "current": None}}

    await desk.cluster.merge("Secret", KEY, rotated, desk.platform_namespace)

    new = (await until_login(desk, lambda told: told["password"] != old))["password"]
    keys, uid = [await key_of(desk), former], found["metadata"]["uid"]
    assert [is_password(keys, uid, 0, each) for each in (new, old)] == [True, True]


async def test_a_sender_that_stands_costs_no_write(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    found = await desk.until_sender(available())
    version = found["metadata"]["resourceVersion"]

    await desk.cluster.merge("Sender", "app", ASKED, desk.namespace)
    again = await until_status(desk, "lastHandledReconnectAt", "now")

    written = [
        each
        for each in desk.operator.requests()
        if each.writes and (each.namespace, each.resource) == (desk.namespace, "secrets")
    ]
    assert len(written) == 1
    assert again["metadata"]["resourceVersion"] != version


async def test_a_change_of_ready_of_a_sender_is_an_event(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    await desk.until_sender(available())

    await desk.change({"suspend": True})

    async def told() -> set[tuple[str, str]]:
        events = await desk.cluster.list("Event", desk.namespace)
        mine = [each for each in events if each["involvedObject"]["kind"] == "Sender"]
        return {(each["type"], each["reason"]) for each in mine}

    wanted = {("Normal", "Available"), ("Warning", "MailboxNotConnected")}
    await eventually(told, lambda found: found == wanted, SOON_SECONDS)


async def test_a_sender_is_told_of_by_an_event_and_a_metric(desk: Scene) -> None:
    await desk.apply(sender("jane"))
    await desk.until_sender(available())

    async def told() -> list[str]:
        events = await desk.cluster.list("Event", desk.namespace)
        return [x["reason"] for x in events if x["involvedObject"]["kind"] == "Sender"]

    assert await eventually(told, bool, SOON_SECONDS) == ["Available"]
    labels = (
        f'namespace="{desk.namespace}",name="app",type="Ready",status="True",reason="Available"'
    )
    metrics = await desk.operator.metrics()
    assert metrics[f"mailbox_operator_sender_status_condition{{{labels}}}"] == 1
