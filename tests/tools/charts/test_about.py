"""What a chart says of itself to Artifact Hub."""

import base64
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tools.charts.about import EXAMPLES, SHOWN, about, icon, kinds
from tools.charts.derived import CHARTS, DEFINITIONS, OPERATOR


def card(chart: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((chart / "Chart.yaml").read_text())
    return found


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_a_chart_has_the_icon_of_the_project(chart: Path) -> None:
    kind, _, content = card(chart)["icon"].partition(";base64,")

    drawn = ET.fromstring(base64.b64decode(content))  # noqa: S314 - our own file
    assert kind == "data:image/svg+xml"
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert card(chart)["icon"] == icon()


@pytest.mark.parametrize("chart", [OPERATOR, DEFINITIONS], ids=lambda chart: chart.name)
def test_a_chart_with_crds_lists_each_kind_with_an_example(chart: Path) -> None:
    annotations = card(chart)["annotations"]

    listed = yaml.safe_load(annotations["artifacthub.io/crds"])
    shown = yaml.safe_load(annotations["artifacthub.io/crdsExamples"])
    assert {each["kind"] for each in listed} == {"Mailbox", "ManagedInfrastructure", "Sender"}
    assert sorted(each["kind"] for each in shown) == sorted(each["kind"] for each in listed)


def test_a_kind_is_described_in_one_sentence() -> None:
    described = {each["kind"]: each["description"] for each in kinds()}

    assert described["Mailbox"] == "A Mailbox is one address the platform sends mail from."
    assert [text for text in described.values() if text.count(". ") or not text.endswith(".")] == []


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_that_is_shown_is_one_of_the_documentation(name: str) -> None:
    assert (EXAMPLES / name).exists()


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_what_is_written_by_hand_stays(chart: Path, tmp_path: Path) -> None:
    written = (chart / "Chart.yaml").read_text().replace("license: Apache-2.0", "license: MIT")
    (tmp_path / "Chart.yaml").write_text(written)

    assert about(tmp_path, chart in {OPERATOR, DEFINITIONS}) == written
