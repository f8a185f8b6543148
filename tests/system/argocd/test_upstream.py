"""The test cases beside the scripts, in argo-cd's own form, as its util/lua would run them.

Source:
    argo-cd, util/lua/health_test.go and util/lua/custom_actions_test.go.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from system.argocd.customizations import (
    KINDS,
    RECONNECT,
    Manifest,
    act,
    actions,
    folder,
    health,
    read,
    scripts,
)
from system.chart.schemas import Schemas, put_kind
from unit.tables.schema import FILES, definition

Case = Mapping[str, Any]
LONG_AGO: Final = "0001-01-01T00:00:00Z"  # argo-cd's stand-in for the time of the test
NOW: Final = "2026-11-23T12:00:00Z"


def cases(kind: str, file: str, part: str) -> list[Any]:
    found = read(folder(kind) / file)[part]
    return [
        pytest.param(folder(kind) / Path(file).parent, case, id=name(kind, case)) for case in found
    ]


def name(kind: str, case: Case) -> str:
    parts = (kind, case.get("action"), Path(case["inputPath"]).stem)
    return "-".join(filter(None, parts))


def every(file: str, part: str) -> pytest.MarkDecorator:
    found = [case for kind in KINDS for case in cases(kind, file, part)]
    return pytest.mark.parametrize(("place", "case"), found)


def undated(obj: Manifest) -> Manifest:
    """Do what the contribution has to add to argo-cd's `testNormalizer`."""
    annotations = obj["metadata"].get("annotations", {})
    dated = {key: LONG_AGO for key in annotations if annotations[key] == NOW and key == RECONNECT}
    return obj | {
        "metadata": obj["metadata"] | ({"annotations": annotations | dated} if dated else {})
    }


@every("health_test.yaml", "tests")
def test_argo_cd_reports_the_expected_health(place: Path, case: Case) -> None:
    assert health(read(place / case["inputPath"])) == case["healthStatus"]


@every("actions/action_test.yaml", "discoveryTests")
def test_argo_cd_offers_the_expected_actions(place: Path, case: Case) -> None:
    found = actions(read(place / case["inputPath"]))

    assert sorted(found, key=str) == sorted(case["result"], key=str)


@every("actions/action_test.yaml", "actionTests")
def test_an_action_of_argo_cd_changes_what_is_expected(place: Path, case: Case) -> None:
    made = act(case["action"], read(place / case["inputPath"]))

    assert undated(made) == read(place / case["expectedOutputPath"])


def test_every_object_fits_the_api(kubeconform: Path, tmp_path: Path) -> None:
    for file in FILES:
        put_kind(definition(file), tmp_path)
    objects = [read(path) for kind in KINDS for path in folder(kind).rglob("testdata/*.yaml")]

    problems = Schemas(tmp_path, ()).problems(kubeconform, yaml.safe_dump_all(objects), "1.37.0")

    assert problems == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_object_and_every_action_has_a_case(kind: str) -> None:
    health_cases = read(folder(kind) / "health_test.yaml")["tests"]
    action_cases = read(folder(kind) / "actions" / "action_test.yaml")
    used = {folder(kind) / case["inputPath"] for case in health_cases} | {
        folder(kind) / "actions" / path
        for case in (*action_cases["discoveryTests"], *action_cases["actionTests"])
        for path in (case["inputPath"], case.get("expectedOutputPath", case["inputPath"]))
    }

    assert set(folder(kind).rglob("testdata/*.yaml")) == used
    assert {case["action"] for case in action_cases["actionTests"]} == set(scripts(kind))
