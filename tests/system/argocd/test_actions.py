"""What the actions do to an object, and that operator and API server take it."""

import json

import pytest

from lab.controlplane.plane import ControlPlane
from lab.stand.manifests import mailbox
from lab.stand.specs import SMTP
from mailbox_operator.decide.declared.mailbox import parse_mailbox
from system.argocd.customizations import RECONNECT, Manifest, act, folder, read

NOW = "2026-11-23T12:00:00Z"
ASKED = folder("Mailbox") / "actions" / "testdata" / "mailbox-asked-before.yaml"
CHANGED = {
    "reconnect": ("{.metadata.annotations}", f'{{"{RECONNECT}":"{NOW}"}}'),
    "suspend": ("{.spec.suspend}", "true"),
    "resume": ("{.spec.suspend}", "false"),
}


@pytest.fixture
def jane(namespace: str) -> Manifest:
    return mailbox(SMTP) | {"metadata": {"name": "jane", "namespace": namespace}}


def test_a_reconnect_is_a_request_that_the_operator_has_not_handled() -> None:
    asked = parse_mailbox(act("reconnect", read(ASKED)))

    assert asked.reconnect == NOW
    assert asked.reconnect != asked.status.last_handled_reconnect_at


def test_a_reconnect_leaves_other_annotations_alone() -> None:
    before = read(ASKED)
    before["metadata"]["annotations"]["team"] = "sales"

    assert act("reconnect", before)["metadata"]["annotations"] == {RECONNECT: NOW, "team": "sales"}


def test_the_operator_understands_suspend_and_resume() -> None:
    suspended = act("suspend", read(ASKED))

    assert parse_mailbox(suspended).suspended
    assert not parse_mailbox(act("resume", suspended)).suspended


@pytest.mark.cluster
@pytest.mark.parametrize("action", CHANGED)
def test_the_api_server_accepts_what_an_action_writes(
    action: str, plane: ControlPlane, jane: Manifest
) -> None:
    where = ("get", "mailbox", "jane", f"--namespace={jane['metadata']['namespace']}", "-o")
    path, expected = CHANGED[action]
    plane.apply(jane)

    made = act(action, json.loads(plane.kubectl(*where, "json")))
    plane.kubectl("replace", "-f", "-", input=json.dumps(made))

    assert plane.kubectl(*where, f"jsonpath={path}") == expected
