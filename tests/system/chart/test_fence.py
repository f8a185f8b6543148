"""With the gateway the operator may write logins into tenants' namespaces, and no other Secret."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.controlplane.kubectl import Kubectl, KubectlError
from lab.controlplane.plane import ControlPlane
from lab.stand.manifests import sender
from system.chart.release import OPERATOR, Chart

pytestmark = pytest.mark.cluster

HOME: Final = "fenced-home"
TENANT: Final = "fenced-tenant"
PATIENCE_SECONDS: Final = 30
KINDS: Final = (
    "ServiceAccount",
    *("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
)
LOGIN: Final = "servicebinding.io/smtp"
OWNER: Final = {
    "apiVersion": "mailbox-operator.io/v1alpha1",
    "kind": "Sender",
    "name": "app",
    "uid": "51d7a0c3-7d0b-4a96-b1de-2f60c94a7e35",
}
STRANGER: Final = OWNER | {"apiVersion": "apps/v1", "kind": "Deployment"}
BY_TYPE: Final = "writes Secrets of type servicebinding.io/smtp here and no others"
BY_NAME: Final = "removes ConfigMaps whose name begins with mailbox-ledger- and no others"
BY_OWNER: Final = "writes Secrets here that a Sender owns and no others"


def secret(name: str, of_type: str = LOGIN, owner: Mapping[str, Any] | None = OWNER) -> str:
    metadata = {"name": name} | ({"ownerReferences": [owner]} if owner else {})
    body = {"apiVersion": "v1", "kind": "Secret", "type": of_type, "metadata": metadata}
    return json.dumps(body | {"stringData": {"password": "x"}})


@dataclass(frozen=True, slots=True)
class Fenced:
    """A tenant's namespace, and the operator's account."""

    plane: ControlPlane
    operator: Kubectl

    def create(self, manifest: str, namespace: str = TENANT) -> str:
        """Create a Secret as the operator, without keeping it."""
        asked = ("create", "--dry-run=server", "-n", namespace, "-f", "-")
        return self.refusal(*asked, text=manifest)

    def patch(self, name: str, change: object, namespace: str = TENANT) -> str:
        """Change a Secret as the operator, without keeping that."""
        asked = ("patch", "secret", name, "-n", namespace, "--dry-run=server", "--type=merge", "-p")
        return self.refusal(*asked, json.dumps(change))

    def remove(self, configmap: str) -> str:
        """Delete a ConfigMap of its own namespace as the operator, without doing that."""
        return self.refusal("delete", "configmap", configmap, "-n", HOME, "--dry-run=server")

    def refusal(self, *asked: str, text: str = "") -> str:
        """Return why the API server refuses; nothing if it does not."""
        try:
            self.operator.run(*asked, text=text)
        except KubectlError as error:
            return str(error)
        return ""


@pytest.fixture(scope="module")
def fenced(plane: ControlPlane, helm: Path) -> Iterator[Fenced]:
    """The rights and the fence as the chart brings them, once the fence is seen to work."""
    rendered = Chart(helm, OPERATOR, "fenced", HOME).set(gateway={"enabled": True})
    objects = [dict(each) for kind in KINDS for each in rendered.all(kind)]
    for name in (HOME, TENANT):
        plane.kubectl("create", "namespace", name)
    plane.apply(*objects)
    account = rendered.only("ServiceAccount", "operator")["metadata"]["name"]
    operator = Kubectl.of(plane.assets, plane.kubeconfig_for(HOME, account))
    made = Fenced(plane, operator)
    app = json.dumps(sender("jane"))
    plane.kubectl("create", "-n", TENANT, "-f", "-", input=app)
    asked = ("get", "sender", "app", "-n", TENANT, "-o", "jsonpath={.metadata.uid}")
    present = OWNER | {"uid": plane.kubectl(*asked)}  # the garbage collector takes what nobody owns
    for name, of_type, owner in (
        ("tenants", "Opaque", None),
        ("login", LOGIN, present),
        ("own-login", LOGIN, None),
    ):
        plane.kubectl("create", "-n", TENANT, "-f", "-", input=secret(name, of_type, owner))
    plane.kubectl("create", "-n", HOME, "-f", "-", input=secret("kept", "Opaque", None))
    for name in ("mailbox-ledger-0", "configuration"):
        plane.kubectl("create", "configmap", name, "-n", HOME)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while BY_TYPE not in made.create(secret("probe", "Opaque")) or not made.remove("configuration"):
        assert time.monotonic() < deadline, "the fence takes no effect"
    yield made
    plane.kubectl("delete", "-f", "-", input=yaml.safe_dump_all(objects))
    for name in (HOME, TENANT):
        plane.kubectl("delete", "namespace", name, "--wait=false")


def test_the_operator_creates_and_changes_a_login(fenced: Fenced) -> None:
    assert fenced.create(secret("new")) == ""
    assert fenced.patch("login", {"stringData": {"password": "y"}}) == ""


def test_the_operator_writes_its_own_secrets_at_home(fenced: Fenced) -> None:
    assert fenced.create(secret("grant", "Opaque", None), HOME) == ""
    assert fenced.patch("kept", {"stringData": {"password": "y"}}, HOME) == ""


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        pytest.param(secret("new", "Opaque"), BY_TYPE, id="of no type"),
        pytest.param(secret("new", "acme.example/token"), BY_TYPE, id="of another type"),
        pytest.param(secret("new", owner=None), BY_OWNER, id="nobody's"),
        pytest.param(secret("new", owner=STRANGER), BY_OWNER, id="another owner's"),
    ],
)
def test_the_operator_creates_no_other_secret(fenced: Fenced, manifest: str, why: str) -> None:
    assert why in fenced.create(manifest)


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        pytest.param("tenants", {"stringData": {"a": "b"}}, BY_TYPE, id="a tenant's own"),
        pytest.param(
            "tenants", {"metadata": {"ownerReferences": [OWNER]}}, BY_TYPE, id="a tenant's, adopted"
        ),
        pytest.param("tenants", {"metadata": {"labels": {"a": "b"}}}, BY_TYPE, id="its labels"),
        pytest.param("own-login", {"stringData": {"a": "b"}}, BY_OWNER, id="a tenant's login"),
        pytest.param(
            "own-login", {"metadata": {"ownerReferences": [OWNER]}}, BY_OWNER, id="that, adopted"
        ),
        pytest.param("login", {"metadata": {"ownerReferences": None}}, BY_OWNER, id="let go"),
        pytest.param("login", {"type": "Opaque"}, "", id="another type"),
    ],
)
def test_the_operator_changes_no_other_secret(
    fenced: Fenced, name: str, change: object, why: str
) -> None:
    refused = fenced.patch(name, change)

    assert refused != ""
    assert why in refused


@pytest.mark.parametrize("name", ["tenants", "login"])
def test_the_operator_deletes_no_secret_of_a_tenant(fenced: Fenced, name: str) -> None:
    refused = fenced.refusal("delete", "secret", name, "-n", TENANT, "--dry-run=server")

    assert "cannot delete resource" in refused


def test_the_operator_removes_a_count_and_no_other_configmap(fenced: Fenced) -> None:
    assert fenced.remove("mailbox-ledger-0") == ""
    assert BY_NAME in fenced.remove("configuration")


def test_the_fence_is_for_the_operator_alone(fenced: Fenced) -> None:
    asked = ("create", "--dry-run=server", "-n", TENANT, "-f", "-")

    assert "created" in fenced.plane.kubectl(*asked, input=secret("theirs", "Opaque", None))


def test_without_the_gateway_the_operator_may_not_write_there(helm: Path) -> None:
    rendered = Chart(helm, OPERATOR, "fenced", HOME).set()
    rules = [rule for role in rendered.all("ClusterRole") for rule in role.get("rules") or ()]

    verbs = {verb for rule in rules if "secrets" in rule["resources"] for verb in rule["verbs"]}
    assert verbs == {"get", "list", "watch"}
    names = [each["metadata"]["name"] for each in rendered.all("ValidatingAdmissionPolicy")]
    assert not any(name.endswith("-logins") for name in names)
