"""Mailboxes with megabytes of labels do not come in, as a real API server sees it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane
from lab.stand.manifests import Manifest, mailbox
from lab.stand.specs import SMTP
from system.chart.release import OPERATOR, Chart

pytestmark = pytest.mark.cluster

PATIENCE_SECONDS: Final = 30
MOST: Final = 64


@pytest.fixture(scope="module")
def guarded(plane: ControlPlane, helm: Path) -> Iterator[ControlPlane]:
    """Apply the chart's policy, once it is seen to work."""
    rendered = Chart(helm, OPERATOR, "metadata").set()
    kinds = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    policy = [dict(each) for kind in kinds for each in rendered.all(kind)]
    plane.apply(*policy)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while refusal(plane, labelled(MOST + 1)) == "":
        assert time.monotonic() < deadline, "the policy takes no effect"
    yield plane
    plane.kubectl("delete", "-f", "-", input=yaml.safe_dump_all(policy))


def labelled(count: int, **more: Any) -> Manifest:
    """Declare a mailbox with so many labels."""
    made = mailbox(SMTP, "labelled")
    labels = {f"label-{number}": "v" for number in range(count)}
    return made | {"metadata": {**made["metadata"], "labels": labels, **more}}


def refusal(plane: ControlPlane, manifest: Manifest) -> str:
    """Return what the API server says to a mailbox; nothing if it takes it."""
    try:
        plane.kubectl("create", "--dry-run=server", "-f", "-", input=yaml.safe_dump(manifest))
    except KubectlError as error:
        return str(error)
    return ""


def test_a_mailbox_with_the_usual_metadata_is_admitted(guarded: ControlPlane) -> None:
    assert refusal(guarded, labelled(MOST)) == ""


def test_a_mailbox_with_too_many_labels_is_refused(guarded: ControlPlane) -> None:
    assert "A Mailbox may have at most 64 labels. Remove some." in refusal(
        guarded, labelled(MOST + 1)
    )


def test_a_mailbox_with_too_many_finalizers_is_refused(guarded: ControlPlane) -> None:
    finalizers = [f"example.com/f{number}" for number in range(33)]

    assert "at most 32 finalizers and owner references" in refusal(
        guarded, labelled(1, finalizers=finalizers)
    )


def test_a_mailbox_that_had_more_before_may_stay_and_shrink(
    guarded: ControlPlane, namespace: str
) -> None:
    policy = "validatingadmissionpolicybinding/metadata-mailbox-operator-metadata"
    large, smaller, larger = (yaml.safe_dump(labelled(MOST + n)) for n in (3, 2, 4))
    kept = guarded.kubectl("get", policy, "--output=yaml")
    guarded.kubectl("delete", policy)
    apply = ("apply", "--namespace", namespace, "-f", "-")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while refusal(guarded, labelled(MOST + 3)):
        assert time.monotonic() < deadline, "the policy stays in effect"
    guarded.kubectl(*apply, input=large)
    guarded.kubectl("apply", "-f", "-", input=kept)
    while refusal(guarded, labelled(MOST + 3)) == "":
        assert time.monotonic() < deadline + PATIENCE_SECONDS, "the policy takes no effect"

    guarded.kubectl(*apply, input=smaller)
    with pytest.raises(KubectlError, match="at most 64 labels"):
        guarded.kubectl(*apply, input=larger)
