"""checkov finds nothing in the charts that has not been looked at and accepted."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from system.chart.checkov import Checkov, Finding
from system.chart.matrix import Rendering
from system.chart.policies import ACCEPTED

KUBERNETES = "1.37.0"
RENDERINGS = Rendering.every()
PRIVILEGED = """
apiVersion: v1
kind: Pod
metadata: {name: jane, namespace: mail}
spec: {containers: [{name: jane, image: jane, securityContext: {privileged: true}}]}
"""


@cache
def findings(rendering: Rendering, helm: Path, checkov: Checkov, scratch: Path) -> list[Finding]:
    """Lint a rendering, its objects in the namespace of the release, where Helm puts them."""
    objects = list(rendering.objects(helm, KUBERNETES))
    for found in objects:
        found["metadata"].setdefault("namespace", "mail")
    return lint(yaml.safe_dump_all(objects), checkov, scratch / str(rendering))


def lint(text: str, checkov: Checkov, folder: Path) -> list[Finding]:
    folder.mkdir()
    file = folder / "rendered.yaml"
    file.write_text(text)
    return checkov.findings("kubernetes", file)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("policies")


@pytest.mark.parametrize("rendering", RENDERINGS, ids=str)
def test_checkov_finds_nothing_that_is_not_accepted(
    rendering: Rendering, helm: Path, checkov: Checkov, scratch: Path
) -> None:
    found = findings(rendering, helm, checkov, scratch)

    assert [str(one) for one in found if one.exception not in ACCEPTED] == []


@pytest.mark.timeout(600)
def test_every_accepted_finding_still_occurs(helm: Path, checkov: Checkov, scratch: Path) -> None:
    found = [one for each in RENDERINGS for one in findings(each, helm, checkov, scratch)]

    assert ACCEPTED.keys() - {one.exception for one in found} == set()


def test_a_bad_pod_is_found(checkov: Checkov, tmp_path: Path) -> None:
    found = lint(PRIVILEGED, checkov, tmp_path / "bad")

    assert "CKV_K8S_16 Pod" in {one.exception for one in found}
