"""What the tenant's people may do, by a real API server."""

import base64
import json
import re
from collections.abc import Iterable
from itertools import count

import pytest
import yaml

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane
from lab.stand.specs import SMTP, Spec
from system.tenant.chart import CHART, Chart, Eventually
from system.tenant.values import Values, bare

pytestmark = pytest.mark.cluster
CRDS = CHART.parents[1] / "crds"
SEE = {f"{verb} mailboxes" for verb in ("get", "list", "watch")} | {
    f"{verb} events" for verb in ("get", "list", "watch")
}
OPERATE = {"patch mailboxes", "update secrets/named"}
EDIT = {f"{verb} mailboxes" for verb in ("create", "update", "delete")}
ASKED = {
    f"{verb} {thing}"
    for verb in ("get", "list", "watch", "create", "update", "patch", "delete")
    for thing in ("mailboxes", "events", "secrets", "secrets/named", "secrets/jane", "roles")
}


def values(access: str) -> Values:
    """Make values with a Secret that is named, and one that the release makes."""
    own = bare(SMTP) | {"credentials": {"password": "hunter2"}}
    named = SMTP | {"credentialsSecretRef": {"name": "named"}}
    return {
        "mailboxes": {"jane": own, "john": named},
        "people": [{"kind": "User", "name": "pat"}],
        "peopleAccess": access,
        "quota": {"mailboxes": 5},
    }


def allowed(plane: ControlPlane, namespace: str, who: str, asked: Iterable[str]) -> set[str]:
    """Ask for each of several rights whether a user has it."""
    return {right for right in asked if can(plane, namespace, who, right)}


def can(plane: ControlPlane, namespace: str, who: str, right: str) -> bool:
    verb, _, thing = right.partition(" ")
    try:
        plane.kubectl("auth", "can-i", verb, thing, f"-n={namespace}", f"--as={who}")
    except KubectlError:
        return False
    return True


@pytest.mark.parametrize(
    ("access", "rights"),
    [
        pytest.param("view", SEE, id="view"),
        pytest.param("operate", SEE | OPERATE, id="operate"),
        pytest.param("edit", SEE | OPERATE | EDIT, id="edit"),
    ],
)
def test_people_have_the_rights_they_are_given_and_no_others(
    tenant: Chart, plane: ControlPlane, namespace: str, access: str, rights: set[str]
) -> None:
    tenant.install(values(access))

    assert allowed(plane, namespace, "pat", ASKED) == rights


@pytest.mark.parametrize("access", ["operate", "edit"])
def test_people_replace_a_secret_that_they_cannot_read(
    tenant: Chart, plane: ControlPlane, namespace: str, access: str
) -> None:
    tenant.install(values(access))
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "named"}}
    plane.kubectl(
        "create", f"-n={namespace}", "-f=-", input=json.dumps(secret | {"stringData": {"a": "old"}})
    )

    new = json.dumps(secret | {"stringData": {"password": "new"}})
    shown = plane.kubectl("replace", f"-n={namespace}", "-f=-", "-o=json", "--as=pat", input=new)

    assert json.loads(shown)["data"] == {"password": base64.b64encode(b"new").decode()}


def test_people_ask_for_a_reconnect(tenant: Chart, plane: ControlPlane, namespace: str) -> None:
    tenant.install(values("operate"))
    request = "mailbox-operator.io/reconnect-requested-at=now"

    asked = plane.kubectl("annotate", "mailbox/john", request, f"-n={namespace}", "--as=pat")

    assert "annotated" in asked


def test_a_person_who_operates_changes_nothing_but_suspend(
    tenant: Chart, plane: ControlPlane, namespace: str, eventually: Eventually
) -> None:
    tenant.install(values("operate"))
    as_pat = ("mailbox/john", f"-n={namespace}", "--as=pat", "--type=merge")

    def refused(spec: Spec) -> bool:
        try:
            plane.kubectl("patch", *as_pat, f"--patch={json.dumps({'spec': spec})}")
        except KubectlError as error:
            return "You may suspend, resume and reconnect this mailbox" in str(error)
        return False

    names = count()  # the first ones may pass: a new policy holds after a moment
    eventually(lambda: refused({"displayName": f"Somebody {next(names)}"}))
    theirs = {"smtp": {"host": "elsewhere.example"}, "credentialsSecretRef": {"name": "db"}}
    assert refused(theirs)
    assert "patched" in plane.kubectl("patch", *as_pat, '--patch={"spec": {"suspend": true}}')
    as_others = (*as_pat[:2], "--type=merge", '--patch={"spec": {"displayName": "John"}}')
    assert "patched" in plane.kubectl("patch", *as_others)


def test_the_policy_names_every_mutable_field_but_suspend() -> None:
    spec = yaml.safe_load((CRDS / "mailboxes.yaml").read_text())["spec"]["versions"][0]["schema"][
        "openAPIV3Schema"
    ]["properties"]["spec"]["properties"]
    template = (CHART / "templates" / "people.yaml").read_text()
    (named,) = re.findall(r'range list ("displayName".*?) \}\}', template)

    immutable = {"address", "provider", "infrastructure"}
    assert set(json.loads(f"[{named.replace(' ', ',')}]")) == spec.keys() - immutable - {"suspend"}


def test_people_see_their_plan(tenant: Chart, plane: ControlPlane, namespace: str) -> None:
    tenant.install(values("view"))

    assert can(plane, namespace, "pat", "get resourcequotas/acme-mailboxes")
    assert not can(plane, namespace, "pat", "update resourcequotas/acme-mailboxes")


def test_people_may_be_groups_and_service_accounts(
    tenant: Chart, plane: ControlPlane, namespace: str
) -> None:
    people = [
        {"kind": "Group", "name": "acme"},
        {"kind": "ServiceAccount", "name": "bot"},
        {"kind": "ServiceAccount", "name": "bot", "namespace": "acme-ci"},
    ]
    tenant.install({"people": people})

    accounts = (f"{namespace}:bot", "acme-ci:bot", f"{namespace}:other")
    users = [f"system:serviceaccount:{account}" for account in accounts]

    assert [can(plane, namespace, user, "get mailboxes") for user in users] == [True, True, False]
