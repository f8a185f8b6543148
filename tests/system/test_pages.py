"""What the pages show is right: manifests, values of the chart, figures, versions."""

import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.controlplane.programs import SOURCES, Program
from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.declared.resource import Unreadable
from mailbox_operator.decide.words import Kind
from mailbox_operator.settings.file import load

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
OPERATOR: Final = ROOT / "helm" / "mailbox-operator"
BLOCK: Final = re.compile(r"^( *)```yaml\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
VALUES: Final = "# values of the operator's chart\n"
OURS: Final = "mailbox-operator.io/v1alpha1"
NAMED: Final = re.compile(r"(?:mailbox-operator\.io|\{GROUP\})/([a-z][a-z-]+)")


def blocks() -> Iterator[tuple[str, str]]:
    """Find each block of YAML, with the name of its page."""
    for page in sorted(DOCS.rglob("*.md")):
        for _, text in BLOCK.findall(page.read_text()):
            yield str(page.relative_to(DOCS)), textwrap.dedent(text)


def manifests() -> Iterator[Any]:
    """Find each object of the operator's own kinds."""
    for page, text in blocks():
        for found in yaml.safe_load_all(text):
            if found.get("apiVersion") == OURS:
                yield pytest.param(found, id=f"{page}-{found['kind']}-{found['metadata']['name']}")


def values() -> Iterator[Any]:
    """Find each set of values of the operator's chart."""
    shown = [(page, text) for page, text in blocks() if text.startswith(VALUES)]
    for number, (page, text) in enumerate(shown):
        yield pytest.param(text, id=f"{number}-{page}")


@pytest.mark.parametrize("manifest", [*manifests()])
def test_a_manifest_of_a_page_can_be_read(manifest: Any) -> None:
    found = KINDS[Kind(manifest["kind"])].parse(manifest)

    assert not isinstance(found, Unreadable), found


@pytest.mark.parametrize("text", [*values()])
def test_the_chart_takes_the_values_of_a_page(text: str, helm: Path) -> None:
    done = subprocess.run(
        [
            str(helm),
            "template",
            "mailbox-operator",
            str(OPERATOR),
            "--namespace=mail",
            "--values=-",
        ],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    rendered = list(yaml.safe_load_all(done.stdout))
    (config,) = (each for each in rendered if each and each["kind"] == "ConfigMap")
    load(config["data"]["config.yaml"])


def test_the_example_of_the_configuration_can_be_read() -> None:
    (first, *_) = (text for page, text in blocks() if page == "configuration.md")

    assert load(first).egress.proxy_url is not None


def test_the_map_leads_to_every_page() -> None:
    found = set(re.findall(r"\]\(([^)#]+)", (DOCS / "index.md").read_text()))

    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert pages - found == {"index.md"}


def test_the_page_on_labels_and_annotations_names_each_that_the_code_has() -> None:
    package, charts = ROOT / "operator", ROOT / "helm"
    files = [*package.rglob("*.py"), *charts.glob("*/templates/*.*")]

    used = {name for file in files for name in NAMED.findall(file.read_text())}
    page = (DOCS / "labels-and-annotations.md").read_text()
    assert set(NAMED.findall(page)) == used


def test_the_page_on_sizing_has_the_memory_that_was_measured() -> None:
    comment = re.search(r"10,000 Mailboxes take (\d+) MiB", (OPERATOR / "values.yaml").read_text())
    assert comment is not None

    assert f"| {comment[1]} MiB at its peak" in (DOCS / "sizing.md").read_text()


def test_the_page_on_upgrades_names_the_versions_that_are_tested() -> None:
    text = (DOCS / "upgrading.md").read_text()
    chart = yaml.safe_load((OPERATOR / "Chart.yaml").read_text())
    python = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    image = re.search(r"^FROM python:([\d.]+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert python is not None
    assert image is not None

    oldest = chart["kubeVersion"].removeprefix(">=").removesuffix(".0-0")
    server, helm = (SOURCES[each].version[1:] for each in (Program.API_SERVER, Program.HELM))
    assert f"| Kubernetes | {oldest} or newer; the charts refuse older ones | a real " in text
    assert f"API server and controller manager {server}." in text
    assert f"| Helm | {helm.partition('.')[0]} | {helm}, real." in text
    assert f"| Python, for the command line | {python[1]} or newer |" in text
    assert f"| Python in the image | {image[1]}, " in text
