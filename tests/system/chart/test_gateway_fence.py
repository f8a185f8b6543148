"""The gateway may ask the operator to look at a Mailbox, and change nothing else of it."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.controlplane.kubectl import Kubectl, KubectlError
from lab.controlplane.plane import ControlPlane
from lab.stand.manifests import mailbox
from lab.stand.specs import SMTP
from mailbox_operator.cluster.apiserver import ApiServer, connect
from mailbox_operator.cluster.ledgers import ClusterLedgers
from mailbox_operator.cluster.paths import configmap_path, object_path
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.names import LEDGER, RECONNECT
from mailbox_operator.decide.sending.kept import Kept
from mailbox_operator.decide.sending.ledger import Ledger
from mailbox_operator.decide.words import Kind
from system.chart.release import OPERATOR, Chart

pytestmark = pytest.mark.cluster

HOME: Final = "gateway-home"
TENANT: Final = "gateway-tenant"
PATIENCE_SECONDS: Final = 30
KINDS: Final = (
    *("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount"),
    *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
)
DRY: Final = f"{object_path(Kind.MAILBOX, TENANT, 'jane')}?dryRun=All"
ASKED: Final = {"metadata": {"annotations": {RECONNECT: "2026-11-27T12:00:00Z"}}}
OWNER: Final = {"apiVersion": "v1", "kind": "Secret", "name": "s", "uid": "u"}


@pytest.fixture(scope="module")
def account(plane: ControlPlane, helm: Path) -> Iterator[Path]:
    """A kubeconfig of the gateway, with the rights and the fence that the chart brings."""
    rendered = Chart(helm, OPERATOR, "mailbox-operator", HOME).set(gateway={"enabled": True})
    objects = [dict(each) for kind in KINDS for each in rendered.all(kind)]
    for name in (HOME, TENANT):
        plane.kubectl("create", "namespace", name)
    plane.apply(*objects)
    made = mailbox(SMTP, "jane")
    metadata = made["metadata"] | {"namespace": TENANT, "labels": {"team": "acme"}}
    plane.apply({**made, "metadata": metadata | {"annotations": {"note": "kept"}}})
    kubeconfig = plane.kubeconfig_for(HOME, "mailbox-operator-gateway")
    deadline = time.monotonic() + PATIENCE_SECONDS
    gateway = Kubectl.of(plane.assets, kubeconfig)
    while not may(gateway, "patch", "mailboxes"):
        assert time.monotonic() < deadline, "the rights take no effect"
    yield kubeconfig
    plane.kubectl("delete", "-f", "-", input=yaml.safe_dump_all(objects))
    for name in (HOME, TENANT):
        plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
async def gateway(account: Path) -> AsyncIterator[ApiServer]:
    """Connect as the gateway, once the fence is seen to work."""
    async with await connect(str(account)) as opened:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await refusal(opened, {"metadata": {"labels": {"probe": "x"}}}):
            assert time.monotonic() < deadline, "the fence takes no effect"
        yield opened


async def refusal(gateway: ApiServer, change: Any) -> int:
    """Change the Mailbox as the gateway, without keeping that; return the status of a refusal."""
    try:
        await gateway.patch(DRY, change)
    except ApiServerError as error:
        return error.status
    return 0


def may(gateway: Kubectl, verb: str, what: str, *options: str) -> bool:
    """Say whether the gateway has a right in the tenant's namespace."""
    try:
        gateway.run("auth", "can-i", verb, what, f"--namespace={TENANT}", "--quiet", *options)
    except KubectlError:
        return False
    return True


async def test_the_gateway_asks_the_operator_to_look_at_a_mailbox(gateway: ApiServer) -> None:
    assert await refusal(gateway, ASKED) == 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"spec": {"suspend": True}}, id="the spec"),
        pytest.param({"metadata": {"labels": {"team": "another"}}}, id="a label"),
        pytest.param({"metadata": {"labels": None}}, id="no label"),
        pytest.param({"metadata": {"annotations": {"note": "forged"}}}, id="another annotation"),
        pytest.param({"metadata": {"annotations": {"note": None}}}, id="one annotation less"),
        pytest.param({"metadata": {"annotations": {"more": "x"}}}, id="one annotation more"),
        pytest.param({"metadata": {"finalizers": ["example.com/held"]}}, id="a finalizer"),
        pytest.param({"metadata": {"ownerReferences": [OWNER]}}, id="an owner"),
    ],
)
async def test_the_gateway_changes_nothing_else_of_a_mailbox(
    gateway: ApiServer, change: Any
) -> None:
    assert await refusal(gateway, change) == HTTPStatus.FORBIDDEN
    both = {**change, "metadata": {**ASKED["metadata"], **change.get("metadata", {})}}
    assert await refusal(gateway, both) == HTTPStatus.FORBIDDEN


async def written(gateway: ApiServer, name: str, **more: Any) -> int:
    """Create a ConfigMap as the gateway, without keeping it; return the status of a refusal."""
    body = {"metadata": {"name": name, "labels": {LEDGER: "true"}}, "data": {"ledger": "1 0 -"}}
    try:
        await gateway.create(f"{configmap_path(HOME)}?dryRun=All", body | more)
    except ApiServerError as error:
        return error.status
    return 0


async def test_the_gateway_counts_in_ledgers(gateway: ApiServer) -> None:
    assert await written(gateway, "mailbox-ledger-0123") == 0


@pytest.mark.parametrize(
    ("name", "more"),
    [
        pytest.param("mailbox-operator", {}, id="the operator's configuration"),
        pytest.param("mailbox-ledger-1", {"data": {"config.yaml": "x"}}, id="other data"),
        pytest.param("mailbox-ledger-1", {"binaryData": {"other": "eA=="}}, id="binary data"),
        pytest.param("mailbox-ledger-1", {"metadata": {"name": "mailbox-ledger-1"}}, id="no label"),
    ],
)
async def test_the_gateway_writes_no_other_config_map(
    gateway: ApiServer, name: str, more: Any
) -> None:
    await eventually_refused(lambda: written(gateway, name, **more))


async def eventually_refused(attempt: Callable[[], Awaitable[int]]) -> None:
    """Try until it is refused: a policy takes a moment until it holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while await attempt() != HTTPStatus.FORBIDDEN:
        assert time.monotonic() < deadline, "it is not refused"


@pytest.mark.parametrize(
    ("verb", "what"),
    [
        ("list", "secrets"),
        ("watch", "secrets"),
        ("create", "secrets"),
        ("patch", "secrets"),
        ("delete", "secrets"),
        ("patch", "mailboxes --subresource=status"),
        ("delete", "mailboxes"),
        ("create", "mailboxes"),
        ("patch", "senders"),
        ("create", "events"),
        ("get", "configmaps"),
        ("create", "configmaps"),
        ("patch", "leases"),
    ],
)
def test_the_gateway_lacks_every_other_right(
    account: Path, plane: ControlPlane, verb: str, what: str
) -> None:
    assert not may(Kubectl.of(plane.assets, account), verb, *what.split())


async def test_the_gateway_counts_in_configmaps_of_its_own(gateway: ApiServer) -> None:
    ledgers = ClusterLedgers(gateway, HOME)

    kept = await ledgers.swap("mailbox-ledger-1", Kept(Ledger()), Ledger({7: 1}))
    assert kept is not None
    kept = await ledgers.swap("mailbox-ledger-1", kept, Ledger({7: 2}))

    assert kept is not None
    assert await ledgers.read("mailbox-ledger-1") == kept


@pytest.mark.parametrize(
    ("name", "more"),
    [
        pytest.param("configuration", {}, id="of another name"),
        pytest.param("mailbox-ledger-2", {"data": {"config.yaml": "{}"}}, id="other content"),
        pytest.param("mailbox-ledger-2", {"binaryData": {"more": "eA=="}}, id="binary content"),
        pytest.param("mailbox-ledger-2", {"labels": {}}, id="no label"),
        pytest.param("mailbox-ledger-2", {"labels": {LEDGER: "true", "a": "b"}}, id="more labels"),
    ],
)
async def test_the_gateway_writes_no_other_configmap(
    gateway: ApiServer, name: str, more: dict[str, Any]
) -> None:
    rest = dict(more)
    metadata = {"name": name, "labels": rest.pop("labels", {LEDGER: "true"})}
    body = {"metadata": metadata, "data": {"ledger": "1 0 -"}} | rest

    with pytest.raises(ApiServerError) as refused:
        await gateway.create(f"{configmap_path(HOME)}?dryRun=All", body)

    assert refused.value.status == HTTPStatus.FORBIDDEN


def test_the_gateway_reads_a_secret_that_it_knows_by_name(
    account: Path, plane: ControlPlane
) -> None:
    assert may(Kubectl.of(plane.assets, account), "get", "secrets/jane")
