"""What Argo CD compares under ServerSideDiff=true: an apply that is only tried, and what is there.

`kubectl diff --server-side` makes the same comparison, by the same dry run of the API server.
"""

import json
from collections.abc import Callable

import pytest

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane
from lab.stand.manifests import mailbox
from lab.stand.specs import SMTP
from system.argocd.customizations import RECONNECT, Manifest

pytestmark = pytest.mark.cluster

ARGO = ("--server-side", "--field-manager=argocd-controller", "--force-conflicts")
PATCHES = {
    "the status": {"status": {"observedGeneration": 1, "secretVersion": "v1.2f60c94a"}},
    "a request": {"metadata": {"annotations": {RECONNECT: "2026-11-23T12:00:00Z"}}},
    "a suspension": {"spec": {"suspend": True}},
}
Sync = Callable[[Manifest], None]
Patch = Callable[[str], None]


@pytest.fixture
def jane(namespace: str) -> Manifest:
    return mailbox(SMTP) | {"metadata": {"name": "jane", "namespace": namespace}}


@pytest.fixture
def sync(plane: ControlPlane) -> Sync:
    def synced(manifest: Manifest) -> None:
        plane.kubectl("apply", *ARGO, "-f", "-", input=json.dumps(manifest))

    return synced


@pytest.fixture
def compare(plane: ControlPlane) -> Sync:
    def compared(manifest: Manifest) -> None:
        plane.kubectl("diff", *ARGO, "-f", "-", input=json.dumps(manifest))

    return compared


@pytest.fixture
def patch(plane: ControlPlane, namespace: str) -> Patch:
    def patched(name: str) -> None:
        where = ("mailbox", "jane", f"--namespace={namespace}", "--type=merge")
        part = ("--subresource=status",) if name == "the status" else ()
        plane.kubectl("patch", *where, *part, f"--patch={json.dumps(PATCHES[name])}")

    return patched


def test_the_defaults_of_the_api_are_no_drift(jane: Manifest, sync: Sync, compare: Sync) -> None:
    sync(jane)

    compare(jane)


@pytest.mark.parametrize("name", PATCHES)
def test_a_write_of_another_controller_is_no_drift(
    name: str, jane: Manifest, sync: Sync, patch: Patch, compare: Sync
) -> None:
    sync(jane)

    patch(name)

    compare(jane)


def test_a_suspension_is_drift_where_the_manifest_says_otherwise(
    jane: Manifest, sync: Sync, patch: Patch, compare: Sync
) -> None:
    stated = jane | {"spec": {**jane["spec"], "suspend": False}}
    sync(stated)

    patch("a suspension")

    with pytest.raises(KubectlError, match="diff --server-side"):
        compare(stated)
