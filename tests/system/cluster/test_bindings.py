"""The key of logins and the Secrets that they are written into, at a real API server."""

import base64
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from lab.stand import manifests
from lab.stand.eventually import eventually
from mailbox_operator.cluster.apiserver import MERGE_PATCH, ApiServer
from mailbox_operator.cluster.bindings import ClusterBindings
from mailbox_operator.cluster.loginkey import LoginKey, keys_of
from mailbox_operator.cluster.paths import object_path, secret_path
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sending
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.sending.binding import GatewayAddress
from mailbox_operator.decide.sending.login import is_password
from mailbox_operator.decide.words import Kind
from unit.make import sender

pytestmark = pytest.mark.cluster

GATEWAY: Final = GatewayAddress("mailbox-gateway.mail.svc", 587, 465)
PEM: Final = b"-----BEGIN CERTIFICATE-----\n"
FORMER: Final = base64.b64encode(bytes(range(32))).decode()


@dataclass(slots=True)
class Memory:
    """Remembers how Secrets were left, and that nobody touched them since."""

    digests: dict[Key, bytes] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)

    def is_left(self, sender: Subject, digest: bytes) -> bool:
        """Say whether it was left with this content."""
        return self.digests.get(sender.key) == digest

    def keep(self, sender: Subject, version: str, digest: bytes) -> None:
        """Remember it."""
        self.digests[sender.key] = digest
        self.versions.append(version)

    def disturb(self) -> None:
        """Take every Secret as one that somebody wrote."""
        self.digests.clear()


def login_key(api: ApiServer, namespace: str) -> LoginKey:
    """Make what reads the key, which no watch has reported yet."""
    known: list[str] = []
    return LoginKey(api, namespace, "login-key", lambda: known[-1] if known else "", known.append)


@dataclass(slots=True)
class Desk:
    """A Sender in a namespace, and what keeps its Secret."""

    api: ApiServer
    namespace: str
    memory: Memory
    bindings: ClusterBindings
    app: ReadableSender

    async def secret(self) -> dict[str, Any]:
        """Read its Secret."""
        found: dict[str, Any] = await self.api.get(secret_path(self.namespace, "app-smtp"))
        return found

    async def change(self, patch: object) -> None:
        """Change its Secret, as somebody else."""
        await self.api.patch(secret_path(self.namespace, "app-smtp"), patch, MERGE_PATCH)
        self.memory.disturb()

    async def keep(self, app: ReadableSender | None = None) -> dict[str, Any]:
        """Have its Secret kept, and read it."""
        await self.bindings.keep(app or self.app, "jane@acme.example")
        return await self.secret()

    async def refusal(self) -> Fault:
        """Have its Secret kept, which is refused."""
        with pytest.raises(Fault) as caught:
            await self.bindings.keep(self.app, "jane@acme.example")
        return caught.value


@pytest.fixture
async def desk(api: ApiServer, namespace: str) -> Desk:
    """A Sender that is there: the garbage collector takes what nobody owns."""
    memory = Memory()
    made = ClusterBindings(api, login_key(api, namespace), memory, GATEWAY, lambda: PEM)
    return Desk(api, namespace, memory, made, await created(api, namespace, "app"))


async def created(api: ApiServer, namespace: str, name: str) -> ReadableSender:
    """Create a Sender, and return it as one that writes into the same Secret."""
    body = manifests.sender("jane", name=name)
    made = await api.create(object_path(Kind.SENDER, namespace), body)
    key = Key(Kind.SENDER, namespace, name)
    return sender(Sending(("jane",), secret="app-smtp"), key=key, uid=made["metadata"]["uid"])


def text(secret: dict[str, Any], name: str) -> str:
    return base64.b64decode(secret["data"][name]).decode()


async def test_all_replicas_derive_with_one_key(api: ApiServer, namespace: str) -> None:
    first, second = login_key(api, namespace), login_key(api, namespace)

    assert await first.keys() == await second.keys()
    assert len(await first.keys()) == 1


async def test_a_key_that_is_deleted_is_written_again(api: ApiServer, namespace: str) -> None:
    version = ["1"]
    key = LoginKey(api, namespace, "login-key", lambda: version[-1], version.append)
    before = await key.keys()
    await api.delete(secret_path(namespace, "login-key"), {})
    version.append("")

    after = await key.keys()

    assert after == before
    assert keys_of(await api.get(secret_path(namespace, "login-key"))) == before


@pytest.mark.parametrize("current", [None, "c2hvcnQ="], ids=["left out", "too short"])
async def test_a_rotation_keeps_the_former_key_and_makes_another(
    api: ApiServer, namespace: str, current: str | None
) -> None:
    await login_key(api, namespace).keys()
    patch = {"data": {"current": current, "previous": FORMER}}
    await api.patch(secret_path(namespace, "login-key"), patch, MERGE_PATCH)

    new, former = await login_key(api, namespace).keys()

    assert former == bytes(range(32))
    assert len(new) == 32
    assert (await login_key(api, namespace).keys())[0] == new


async def test_a_secret_has_the_ten_entries(desk: Desk) -> None:
    found = await desk.keep()

    assert found["data"].keys() == {
        *("type", "provider", "host", "port", "tls-port", "username", "password", "uri", "from"),
        "certificates",
    }
    assert text(found, "certificates") == PEM.decode()


async def test_a_secret_that_nobody_touched_is_not_read(desk: Desk) -> None:
    await desk.keep()
    await desk.api.delete(secret_path(desk.namespace, "app-smtp"), {})

    await desk.bindings.keep(desk.app, "jane@acme.example")

    assert len(desk.memory.versions) == 1


async def test_a_changed_secret_is_replaced_as_a_whole(desk: Desk) -> None:
    before = await desk.keep()
    await desk.change({"data": {"host": None, "extra": "eA=="}})

    after = await desk.keep()

    assert after["data"] == before["data"]


async def test_labels_of_others_stay(desk: Desk) -> None:
    await desk.keep()
    await desk.change({"metadata": {"labels": {"team": "sales"}}, "data": {"host": None}})

    assert (await desk.keep())["metadata"]["labels"]["team"] == "sales"


async def test_a_secret_that_is_right_is_not_written(desk: Desk) -> None:
    before = await desk.keep()
    desk.memory.disturb()

    after = await desk.keep()

    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def test_a_sender_does_not_take_the_secret_of_another_one_over(desk: Desk) -> None:
    before = await desk.keep()
    desk.app = await created(desk.api, desk.namespace, "later")

    fault = await desk.refusal()

    assert (fault.reason, fault.facts["problem"]) == (
        "SecretNameTaken",
        "it was not made for this Sender",
    )
    assert (await desk.secret())["data"] == before["data"]


async def test_an_immutable_secret_is_named_and_left(desk: Desk) -> None:
    await desk.keep()
    await desk.change({"immutable": True})
    desk.app = replace(desk.app, spec=Sending(("jane",), secret="app-smtp", revision=1))

    fault = await desk.refusal()

    assert (fault.reason, fault.facts["problem"]) == ("SecretNameTaken", "it is immutable")


async def test_a_secret_of_another_type_is_left_even_if_the_sender_owns_it(desk: Desk) -> None:
    owner = {"apiVersion": "v1", "kind": "Sender", "name": "app", "uid": desk.app.uid}
    body = {"metadata": {"name": "app-smtp", "ownerReferences": [owner]}, "type": "Opaque"}
    await desk.api.create(secret_path(desk.namespace), body)

    fault = await desk.refusal()

    assert fault.facts["problem"] == "its type is not servicebinding.io/smtp"


async def test_a_used_up_quota_is_the_platforms_move(desk: Desk) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none"},
        "spec": {"hard": {"count/secrets": "0"}},
    }
    await desk.bindings.key.keys()
    path = f"/api/v1/namespaces/{desk.namespace}/resourcequotas"
    await desk.api.create(path, quota)
    await eventually(
        lambda: desk.api.get(f"{path}/none"), lambda found: found["status"].get("used")
    )

    fault = await desk.refusal()

    assert (fault.reason, fault.facts["code"]) == ("SecretNotWritten", "403")


async def test_a_password_follows_key_uid_and_revision(desk: Desk) -> None:
    found = await desk.keep(
        replace(desk.app, spec=Sending(("jane",), secret="app-smtp", revision=7))
    )

    keys = await desk.bindings.key.keys()
    assert is_password(keys, desk.app.uid, 7, text(found, "password"))
