"""What a real API server makes of the definitions."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

import pytest

from lab.controlplane.plane import ControlPlane
from lab.stand.specs import MANAGED_GOOGLE, SMTP, Spec
from mailbox_operator.decide.declared.mailbox import parse_mailbox
from system.crds.manifests import DRY, INFRASTRUCTURE, MAILBOX, SENDER, manifest
from unit.tables.infrastructures import relay
from unit.tables.schema import FILES, FOLDER
from unit.tables.senders import names
from unit.tables.specs import HOST

pytestmark = pytest.mark.cluster

CONNECTED: Final[Spec] = {
    "observedGeneration": 1,
    "conditions": [
        {
            "type": kind,
            "status": "True",
            "reason": "Connected",
            "message": "It works.",
            "observedGeneration": 1,
            "lastTransitionTime": "2026-01-02T03:04:05Z",
        }
        for kind in ("Ready", "Connected")
    ],
}


@pytest.mark.parametrize("kind", [MAILBOX, INFRASTRUCTURE])
def test_a_new_object_counts_as_unobserved(api: ControlPlane, kind: str) -> None:
    spec = SMTP if kind == MAILBOX else {}

    made = json.loads(api.kubectl(*DRY, "--output=json", input=manifest(kind, spec)))

    assert made["status"] == {"observedGeneration": -1}
    assert made["spec"]["checkInterval"] == "10m"


def test_the_stored_status_counts_as_unobserved_too(api: ControlPlane, namespace: str) -> None:
    api.kubectl("create", "-n", namespace, "-f", "-", input=manifest(MAILBOX, SMTP))

    made = json.loads(api.kubectl("get", "mbx", "jane", "-n", namespace, "-o", "json"))

    assert made["status"] == {"observedGeneration": -1}


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("spec.provider=SMTP", ["mailbox.mailbox-operator.io/smtp"]),
        ("spec.infrastructure=Managed", ["mailbox.mailbox-operator.io/google"]),
        ("spec.address=jane@acme.example,spec.provider=SMTP", ["mailbox.mailbox-operator.io/smtp"]),
        ("spec.credentialsSecretRef.name=jane", ["mailbox.mailbox-operator.io/smtp"]),
        ("spec.managedInfrastructureName=eu", ["mailbox.mailbox-operator.io/google"]),
    ],
)
def test_mailboxes_are_selected_by_field(
    api: ControlPlane, namespace: str, selector: str, names: Sequence[str]
) -> None:
    managed = MANAGED_GOOGLE | {"managedInfrastructureName": "eu"}
    for name, spec in (("smtp", SMTP), ("google", managed)):
        api.kubectl("create", "-n", namespace, "-f", "-", input=manifest(MAILBOX, spec, name))

    found = api.kubectl("get", "mbx", "-n", namespace, "--field-selector", selector, "-o", "name")

    assert found.split() == names


def test_a_list_shows_the_state_of_a_mailbox(api: ControlPlane, namespace: str) -> None:
    api.kubectl("create", "-n", namespace, "-f", "-", input=manifest(MAILBOX, SMTP))
    patch = json.dumps({"status": CONNECTED})
    api.kubectl(
        "patch", "mbx", "jane", "-n", namespace, "--subresource=status", "--type=merge", "-p", patch
    )

    header, row = api.kubectl("get", "mailboxes", "-n", namespace).splitlines()

    assert header.split() == [
        *("NAME", "ADDRESS", "PROVIDER", "INFRASTRUCTURE"),
        *("CONNECTED", "READY", "REASON", "SUSPENDED", "SINCE", "AGE"),
    ]
    *state, since, _ = row.split()
    assert state == [
        *("jane", "jane@acme.example", "SMTP", "Private"),
        *("True", "True", "Connected", "false"),
    ]
    assert since[-1] in "dy"


def test_the_api_server_records_when_a_status_was_last_changed(
    api: ControlPlane, namespace: str
) -> None:
    api.kubectl("create", "-n", namespace, "-f", "-", input=manifest(MAILBOX, SMTP))
    look = ("get", "mbx", "jane", "-n", namespace, "--show-managed-fields", "-o", "json")
    new = parse_mailbox(json.loads(api.kubectl(*look)))
    change = ("patch", "mbx", "jane", "-n", namespace, "--type=merge", "-p")

    api.kubectl(*change, json.dumps({"status": CONNECTED}), "--subresource=status")
    judged = parse_mailbox(json.loads(api.kubectl(*look)))

    assert (new.written, judged.written >= judged.created) == ("", True)


def test_a_list_shows_that_a_mailbox_is_suspended(api: ControlPlane, namespace: str) -> None:
    suspended = manifest(MAILBOX, SMTP | {"suspend": True})
    api.kubectl("create", "-n", namespace, "-f", "-", input=suspended)

    header, row = api.kubectl("get", "mailboxes", "-n", namespace).splitlines()

    assert row[header.index("SUSPENDED") :].split()[0] == "true"


def test_a_wide_list_shows_the_link_and_the_message(api: ControlPlane, namespace: str) -> None:
    api.kubectl("create", "-n", namespace, "-f", "-", input=manifest(MAILBOX, SMTP))

    header = api.kubectl("get", "mbx", "-n", namespace, "-o", "wide").splitlines()[0]

    assert header.split()[-4:] == ["CONSENT", "LIMIT", "AVAILABLE", "MESSAGE"]


def test_a_list_shows_the_state_of_a_sender(api: ControlPlane, namespace: str) -> None:
    spec = names("noreply")
    api.kubectl("create", "-n", namespace, "-f", "-", input=manifest(SENDER, spec, "app"))
    ready = CONNECTED["conditions"][0] | {"reason": "Available"}
    status = {
        "conditions": [ready],
        "binding": {"name": "app-smtp"},
        "mailboxes": {"selected": 12, "connected": 11, "summary": "11/12"},
        "capacity": {"limit": 500, "used": 458, "available": 42},
    }
    change = ("patch", "snd", "app", "-n", namespace, "--subresource=status", "--type=merge", "-p")
    api.kubectl(*change, json.dumps({"status": CONNECTED | status}))

    header, row = api.kubectl("get", "senders", "-n", namespace, "-o", "wide").splitlines()

    assert header.split() == [
        *("NAME", "LOGIN", "MAILBOXES", "READY", "REASON", "SUSPENDED", "SINCE", "AGE"),
        *("LIMIT", "AVAILABLE", "MESSAGE"),
    ]
    assert row.split()[:6] == ["app", "app-smtp", "11/12", "True", "Available", "false"]
    assert row.split()[8:10] == ["500", "42"]


def test_kubectl_explains_a_sender(api: ControlPlane) -> None:
    assert "Raise it by one for a new password" in api.kubectl("explain", "sender.spec")


def test_a_new_sender_counts_as_unobserved(api: ControlPlane) -> None:
    asked = manifest(SENDER, names("noreply"))

    made = json.loads(api.kubectl(*DRY, "--output=json", input=asked))

    assert made["status"] == {"observedGeneration": -1}
    defaults = {"choose": "ByEnvelope", "from": "Verify", "loginRevision": 0, "suspend": False}
    assert made["spec"] == names("noreply", **defaults)


@pytest.fixture
def platform(api: ControlPlane, namespace: str) -> Iterator[str]:
    """A ManagedInfrastructure with a name nobody else uses, and its relay."""
    api.kubectl("create", "-f", "-", input=manifest(INFRASTRUCTURE, relay(), namespace))
    yield namespace
    api.kubectl("delete", "minfra", namespace)


def test_a_list_shows_the_state_of_an_infrastructure(api: ControlPlane, platform: str) -> None:
    header, row = api.kubectl("get", "minfra", platform, "-o", "wide").splitlines()

    assert header.split() == ["NAME", "READY", "REASON", "SINCE", "RELAY", "AGE", "MESSAGE"]
    assert row.split()[:2] == [platform, HOST]


def test_kubectl_explains_a_field(api: ControlPlane) -> None:
    manual = api.kubectl("explain", "mailbox.spec.smtp")

    assert "The mail server of an SMTP mailbox" in manual
    assert "TCP port, 1 to 65535" in manual


def test_every_definition_is_accepted_as_structural(api: ControlPlane) -> None:
    stored = json.loads(api.kubectl("get", "-f", str(FOLDER), "-o", "json"))["items"]

    kinds = {condition["type"] for crd in stored for condition in crd["status"]["conditions"]}

    assert len(stored) == len(FILES)
    assert "NonStructuralSchema" not in kinds
