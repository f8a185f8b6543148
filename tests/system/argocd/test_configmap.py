"""argocd-cm.yaml says what the scripts beside it say, in the form that Argo CD reads."""

import json
from typing import Any

import pytest
import yaml

from lab.controlplane.plane import ControlPlane
from system.argocd.customizations import DOCS, GROUP, KINDS, folder, read, scripts

PATCH = DOCS / "argocd-cm.yaml"


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    data: dict[str, str] = read(PATCH)["data"]
    return data


@pytest.mark.parametrize("kind", KINDS)
def test_the_health_script_is_the_one_beside_it(settings: dict[str, str], kind: str) -> None:
    script = settings[f"resource.customizations.health.{GROUP}_{kind}"]

    assert script == (folder(kind) / "health.lua").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_the_actions_are_those_beside_it(settings: dict[str, str], kind: str) -> None:
    written: dict[str, Any] = yaml.safe_load(
        settings[f"resource.customizations.actions.{GROUP}_{kind}"]
    )

    place = folder(kind) / "actions"
    defined = {one["name"]: one["action.lua"] for one in written["definitions"]}
    assert written.keys() == {"discovery.lua", "definitions"}
    assert written["discovery.lua"] == (place / "discovery.lua").read_text()
    assert defined == {name: (place / name / "action.lua").read_text() for name in scripts(kind)}


def test_the_configmap_contains_nothing_else(settings: dict[str, str]) -> None:
    kinds = {name.rpartition(f"{GROUP}_")[2] for name in settings}

    assert kinds == set(KINDS)
    assert len(settings) == 2 * len(KINDS)


@pytest.mark.cluster
def test_the_patch_leaves_other_settings_alone(plane: ControlPlane, namespace: str) -> None:
    where = ("argocd-cm", f"--namespace={namespace}")
    plane.kubectl("create", "configmap", *where, "--from-literal=url=https://argocd.example")

    plane.kubectl("patch", "configmap", *where, "--type=merge", f"--patch-file={PATCH}")

    found = json.loads(plane.kubectl("get", "configmap", *where, "-o", "json"))["data"]
    assert found == read(PATCH)["data"] | {"url": "https://argocd.example"}
