"""The chart on a real API server: what it accepts, installs, counts and leaves behind."""

import base64
import json
from typing import Any

import pytest

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane
from lab.stand.specs import MANAGED_GOOGLE, SMTP
from system.tenant.chart import Chart, Eventually, HelmError
from system.tenant.values import SPECS, Values, jane
from unit.tables.specs import GOOD

pytestmark = pytest.mark.cluster
LIMIT = 300_000  # bytes; a Secret, and so a release, may have a megabyte
PLAN = "resourcequota/acme-mailboxes"


def mailboxes(count: int, **more: Any) -> Values:
    """Make values with some mailboxes, and a quota of as many."""
    each = {f"m{number}": {"address": f"m{number}@acme.example"} for number in range(count)}
    return {
        "defaults": {"provider": "Google", "infrastructure": "Managed"},
        "mailboxes": each,
        "quota": {"mailboxes": count},
    } | more


def one_more(plane: ControlPlane, namespace: str, *options: str) -> str:
    """Try to create a Mailbox beside the release; return what the API server says."""
    manifest = {
        "apiVersion": "mailbox-operator.io/v1alpha1",
        "kind": "Mailbox",
        "metadata": {"name": "one-more"},
        "spec": MANAGED_GOOGLE,
    }
    given = ("create", f"--namespace={namespace}", "--filename=-", *options)
    try:
        return plane.kubectl(*given, input=json.dumps(manifest))
    except KubectlError as error:
        return str(error)


def names(plane: ControlPlane, namespace: str, kinds: str) -> list[str]:
    return plane.kubectl("get", kinds, f"--namespace={namespace}", "--output=name").split()


def test_the_api_server_accepts_every_good_spec(
    chart: Chart, plane: ControlPlane, namespace: str
) -> None:
    values = {
        "mailboxes": SPECS,
        "quota": {"mailboxes": len(SPECS)},
        "bounds": {"providers": ["Google", "Outlook", "SMTP"], "minCheckInterval": "30s"},
        "people": [{"kind": "Group", "name": "acme"}],
        "peopleAccess": "edit",
    }
    text = chart.text(values, f"--namespace={namespace}")

    applied = plane.kubectl(
        "apply", "--server-side", "--dry-run=server", f"-n={namespace}", "-f", "-", input=text
    )

    assert applied.count("mailbox.mailbox-operator.io/") == len(GOOD)


def test_500_mailboxes_fit_into_a_release(
    tenant: Chart, plane: ControlPlane, namespace: str
) -> None:
    each = {
        f"person-{number:03}": {
            "address": f"person-{number:03}@acme.example",
            "displayName": f"Person {number}",
            "credentials": {"username": f"user-{number}", "password": f"{number**9:x}"},
        }
        for number in range(500)
    }

    tenant.install({"defaults": SMTP, "mailboxes": each})
    release = (
        "secret/sh.helm.release.v1.acme.v1",
        f"-n={namespace}",
        "-o=jsonpath={.data.release}",
    )

    assert len(base64.b64decode(plane.kubectl("get", *release))) < LIMIT


def test_an_uninstalled_release_leaves_nothing(
    tenant: Chart, plane: ControlPlane, namespace: str
) -> None:
    bounds = {"providers": ["SMTP"]}
    tenant.install(jane(SMTP) | {"bounds": bounds, "people": [{"kind": "User", "name": "pat"}]})
    kinds = "mailbox,resourcequota,role,rolebinding"
    installed = names(plane, namespace, kinds)

    tenant.uninstall()

    assert len(installed) == 4
    assert names(plane, namespace, kinds) == []
    assert namespace not in plane.kubectl("get", "validatingadmissionpolicies", "-o=name")


def test_a_second_install_changes_nothing(
    tenant: Chart, plane: ControlPlane, namespace: str
) -> None:
    values = mailboxes(2, bounds={"providers": ["Google"]})
    version = ("get", "mailbox,resourcequota", f"-n={namespace}", "-o=jsonpath={..generation}")
    tenant.install(values)
    before = plane.kubectl(*version)

    tenant.install(values)

    assert plane.kubectl(*version) == before


def test_a_mailbox_beyond_the_quota_is_refused(
    tenant: Chart, plane: ControlPlane, namespace: str, eventually: Eventually
) -> None:
    tenant.install(mailboxes(2))

    eventually(lambda: "2/2" in plane.kubectl("get", PLAN, f"-n={namespace}"))

    assert "exceeded quota: acme-mailboxes" in one_more(plane, namespace)


def test_a_raised_quota_holds_for_the_mailboxes_it_was_raised_for(
    tenant: Chart, plane: ControlPlane, namespace: str
) -> None:
    tenant.install(mailboxes(2))

    tenant.install(mailboxes(3))

    assert len(names(plane, namespace, "mailbox")) == 3


def test_without_its_quota_a_tenant_may_have_more_at_once(
    tenant: Chart, plane: ControlPlane, namespace: str, eventually: Eventually
) -> None:
    tenant.install(mailboxes(1))
    eventually(lambda: "1/1" in plane.kubectl("get", PLAN, f"-n={namespace}"))

    tenant.install(mailboxes(3, quota={}))

    assert len(names(plane, namespace, "mailbox")) == 3


def test_a_release_that_met_the_quota_is_repaired_by_the_next(
    tenant: Chart, plane: ControlPlane, namespace: str, eventually: Eventually
) -> None:
    tenant.install(mailboxes(2, quota={"mailboxes": 3}))
    eventually(lambda: "2/3" in plane.kubectl("get", PLAN, f"-n={namespace}"))
    one_more(plane, namespace)

    with pytest.raises(HelmError, match="exceeded quota: acme-mailboxes"):
        tenant.install(mailboxes(3))
    tenant.install(mailboxes(3, quota={"mailboxes": 4}))

    assert len(names(plane, namespace, "mailbox")) == 4


def test_credentials_change_with_the_values(
    tenant: Chart, plane: ControlPlane, namespace: str
) -> None:
    own = {key: value for key, value in SMTP.items() if key != "credentialsSecretRef"}
    tenant.install(jane(own, credentials={"password": "p"}))

    tenant.install(jane(own, credentials={"username": "u", "password": "p"}))
    tenant.install(jane(own, credentials={"password": "q"}))

    made = ("-l=app.kubernetes.io/name=mailbox-tenant", "-o=jsonpath={.items[*].data}")
    given = plane.kubectl("get", "secrets", f"-n={namespace}", *made)
    assert json.loads(given) == {"password": base64.b64encode(b"q").decode()}
