"""The chart of the CRDs alone."""

import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from system.chart.release import OPERATOR, Chart, RefusedError
from unit.tables.schema import FILES, definition

DEFINITIONS: Final = OPERATOR.with_name("mailbox-crds")


@pytest.fixture
def crds(helm: Path) -> Chart:
    return Chart(helm, DEFINITIONS, "mailbox-crds")


@pytest.mark.parametrize("values", [(), (f"--values={DEFINITIONS}/ci/everything.yaml",)], ids=len)
def test_the_chart_passes_helms_own_lint_without_a_word(
    helm: Path, values: tuple[str, ...]
) -> None:
    command = [str(helm), "lint", "--strict", str(DEFINITIONS), *values]

    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert "[" not in done.stdout


def test_the_chart_renders_the_crds_of_the_project_and_nothing_else(crds: Chart) -> None:
    rendered = crds.render()

    assert {each["metadata"]["name"]: each["spec"] for each in rendered.objects} == {
        crd["metadata"]["name"]: crd["spec"] for crd in map(definition, FILES)
    }
    assert {each["kind"] for each in rendered.objects} == {"CustomResourceDefinition"}


def test_an_uninstall_keeps_the_crds_unless_asked(crds: Chart) -> None:
    kept, left = crds.render(), crds.set(keep=False)

    assert [x["metadata"]["annotations"] for x in kept.objects] == [
        {"helm.sh/resource-policy": "keep"}
    ] * 3
    assert [x["metadata"].get("annotations") for x in left.objects] == [None] * 3


def test_a_crd_has_standard_labels_its_own_and_those_of_the_values(crds: Chart) -> None:
    rendered = crds.set(labels={"team": "platform"})

    labels = {x["spec"]["names"]["kind"]: x["metadata"]["labels"] for x in rendered.objects}
    assert labels["Sender"]["servicebinding.io/provisioned-service"] == "true"
    assert {each["team"] for each in labels.values()} == {"platform"}
    assert {each["app.kubernetes.io/instance"] for each in labels.values()} == {"mailbox-crds"}


def test_the_values_may_annotate_the_crds(crds: Chart) -> None:
    rendered = crds.set(annotations={"example.com/owner": "platform"})

    annotations = [each["metadata"]["annotations"] for each in rendered.objects]
    assert [each["example.com/owner"] for each in annotations] == ["platform"] * 3


def test_a_value_that_the_chart_does_not_know_is_refused(crds: Chart) -> None:
    with pytest.raises(RefusedError, match="kept"):
        crds.set(kept=False)


def test_both_charts_have_one_version() -> None:
    charts = [
        yaml.safe_load((folder / "Chart.yaml").read_text()) for folder in (DEFINITIONS, OPERATOR)
    ]

    assert (
        len({(chart["version"], chart["appVersion"], chart["kubeVersion"]) for chart in charts})
        == 1
    )
