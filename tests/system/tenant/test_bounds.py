"""The bounds of a plan, enforced by a real API server on everybody."""

import json
from typing import Any

import pytest

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane
from lab.stand.specs import MANAGED_GOOGLE, MANAGED_OUTLOOK, SMTP, Spec
from system.tenant.chart import Chart, Eventually
from system.tenant.values import Values, jane

pytestmark = pytest.mark.cluster
PLAN: Values = {
    "bounds": {
        "providers": ["Google", "Outlook"],
        "infrastructures": ["Managed"],
        "minCheckInterval": "5m",
        "maxPerDay": 200,
    }
}


def limited(spec: Spec, per_day: int) -> Spec:
    """State a limit."""
    return spec | {"sending": {"perDay": per_day}}


def trial(plane: ControlPlane, namespace: str, spec: Spec, *options: str) -> str:
    """Send a Mailbox to the API server, which keeps nothing of it; return what it says."""
    manifest = {
        "apiVersion": "mailbox-operator.io/v1alpha1",
        "kind": "Mailbox",
        "metadata": {"name": "trial"},
        "spec": spec,
    }
    given = ("create", "--dry-run=server", f"-n={namespace}", "-f=-", *options)
    try:
        return plane.kubectl(*given, input=json.dumps(manifest))
    except KubectlError as error:
        return str(error)


@pytest.fixture
def bounded(
    tenant: Chart, plane: ControlPlane, namespace: str, eventually: Eventually
) -> ControlPlane:
    """A cluster in which the plan of the namespace is enforced."""
    tenant.install(PLAN)
    eventually(lambda: "is not in the plan" in trial(plane, namespace, SMTP))
    return plane


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        pytest.param(
            SMTP | {"infrastructure": "Managed", "smtp": {"preset": "Zoho"}},
            "Provider SMTP is not in the plan of this namespace. Use Google,Outlook, or ask the"
            " platform team.",
            id="provider",
        ),
        pytest.param(
            MANAGED_GOOGLE
            | {"infrastructure": "Private", "credentialsSecretRef": {"name": "jane"}},
            "Infrastructure Private is not in the plan of this namespace. Use Managed",
            id="infrastructure",
        ),
        pytest.param(
            MANAGED_GOOGLE | {"checkInterval": "4m"},
            "checkInterval 4m is too short for the plan of this namespace. Set it to 5m or more",
            id="interval",
        ),
        pytest.param(
            limited(MANAGED_GOOGLE, 201),
            "sending.perDay must be stated and at most 200 in the plan of this namespace. Set it,",
            id="a limit above the plan's",
        ),
        pytest.param(MANAGED_GOOGLE, "must be stated and at most 200", id="no limit"),
        pytest.param(limited(MANAGED_GOOGLE, 50), "created", id="within all of them"),
        pytest.param(
            limited(MANAGED_OUTLOOK, 200) | {"checkInterval": "5m"}, "created", id="just within"
        ),
    ],
)
def test_a_plan_is_enforced(bounded: ControlPlane, namespace: str, spec: Spec, words: str) -> None:
    assert words in trial(bounded, namespace, spec)


def test_a_plan_is_for_its_own_namespace(bounded: ControlPlane) -> None:
    assert "created" in trial(bounded, "default", SMTP)


def test_a_plan_may_be_for_namespaces_with_a_label(
    tenant: Chart, plane: ControlPlane, namespace: str, eventually: Eventually
) -> None:
    selector = {"namespaceSelector": {"matchLabels": {"plan": namespace}}}

    tenant.install({"bounds": PLAN["bounds"] | selector})
    before = trial(plane, namespace, SMTP)
    plane.kubectl("label", "namespace", namespace, f"plan={namespace}")

    assert "created" in before
    eventually(lambda: "is not in the plan" in trial(plane, namespace, SMTP))


def test_a_mailbox_from_before_may_stay_and_change(
    tenant: Chart, plane: ControlPlane, namespace: str, eventually: Eventually
) -> None:
    spec = json.dumps(
        {
            "apiVersion": "mailbox-operator.io/v1alpha1",
            "kind": "Mailbox",
            "metadata": {"name": "jane"},
            "spec": SMTP | {"checkInterval": "1m"},
        }
    )
    plane.kubectl("create", f"-n={namespace}", "-f=-", input=spec)
    tenant.install(PLAN)
    eventually(lambda: "is not in the plan" in trial(plane, namespace, SMTP))

    def patched(**change: Any) -> str:
        change = {"spec": change}
        given = ("patch", "mailbox", "jane", f"-n={namespace}", "--type=merge", "-p")
        return plane.kubectl(*given, json.dumps(change))

    assert "patched" in patched(suspend=True)
    with pytest.raises(KubectlError, match="checkInterval 2m is too short"):
        patched(checkInterval="2m")


def test_a_better_plan_holds_for_the_mailboxes_it_was_made_for(
    tenant: Chart, bounded: ControlPlane, namespace: str
) -> None:
    better = {"providers": ["SMTP"], "infrastructures": ["Private"]}

    tenant.install(jane(SMTP) | {"bounds": better})

    assert "jane" in bounded.kubectl("get", "mailbox", f"-n={namespace}", "-o=name")


def test_the_end_of_a_plan_holds_at_once(
    tenant: Chart, bounded: ControlPlane, namespace: str
) -> None:
    tenant.install(jane(SMTP))

    assert "jane" in bounded.kubectl("get", "mailbox", f"-n={namespace}", "-o=name")


def test_without_its_plan_a_policy_refuses_everything(
    bounded: ControlPlane, namespace: str, eventually: Eventually
) -> None:
    bounded.kubectl("delete", "resourcequota", "acme-mailboxes", f"-n={namespace}")

    eventually(lambda: "no params found" in trial(bounded, namespace, MANAGED_GOOGLE))


def test_the_api_server_finds_no_error_in_the_policy(
    bounded: ControlPlane, namespace: str, eventually: Eventually
) -> None:
    policy = ("get", "validatingadmissionpolicy", f"mailbox-tenant.{namespace}.acme")

    eventually(lambda: bounded.kubectl(*policy, "-o=jsonpath={.status.typeChecking}") == "{}")
