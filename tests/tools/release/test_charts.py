"""The charts as they are published, packed by Helm itself."""

import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tools.release.__main__ import main
from tools.release.charts import charts, digest, published, staged
from tools.release.places import Places
from tools.release.versions import ReleaseError

RELEASE: Final = ("--tag=v0.1.0", "--repository=Acme/mailbox-operator")
PLACES: Final = Places("Acme/mailbox-operator", "0.1.0")
IMAGE: Final = "ghcr.io/acme/mailbox-operator:0.1.0"
CHARTS: Final = {"mailbox-crds", "mailbox-operator", "mailbox-tenant"}


@pytest.fixture
def packages(tree: Path, helm: Path, tmp_path: Path) -> dict[str, Path]:
    """Pack the charts by the command of the workflow; by name."""
    into = tmp_path / "charts"
    status = main(["pack-charts", *RELEASE, f"--tree={tree}", f"--helm={helm}", f"--into={into}"])
    assert status == 0
    return {each.name.removesuffix("-0.1.0.tgz"): each for each in into.iterdir()}


def said(helm: Path, *arguments: object) -> str:
    """Run Helm, and return what it prints."""
    command = [str(helm), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def card(helm: Path, package: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(said(helm, "show", "chart", package))
    return found


def test_every_chart_of_the_tree_is_packed(packages: dict[str, Path]) -> None:
    assert packages.keys() == CHARTS


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_a_package_passes_helms_own_lint_without_a_word(
    packages: dict[str, Path], helm: Path, name: str
) -> None:
    assert "[" not in said(helm, "lint", "--strict", packages[name])


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_a_package_says_where_its_sources_are_and_what_is_new(
    packages: dict[str, Path], helm: Path, name: str
) -> None:
    found = card(helm, packages[name])

    listed = yaml.safe_load(found["annotations"]["artifacthub.io/changes"])
    assert found["home"] == "https://github.com/Acme/mailbox-operator"
    assert found["sources"] == [found["home"]]
    assert {each["kind"] for each in listed} <= {"added", "changed", "fixed", "removed"}
    assert len(listed) > 1


@pytest.mark.parametrize(("kind", "told"), [("Security", "true"), ("Fixed", "false")])
def test_a_version_that_closes_a_hole_is_marked(kind: str, told: str) -> None:
    made = published(
        {"name": "mailbox-crds", "annotations": {}}, PLACES, f"### {kind}\n\n- One thing."
    )

    assert made["annotations"]["artifacthub.io/containsSecurityUpdates"] == told


def test_the_operators_package_runs_the_image_of_the_release(
    packages: dict[str, Path], helm: Path
) -> None:
    rendered = said(helm, "template", "mailbox-operator", packages["mailbox-operator"])
    listed = yaml.safe_load(
        card(helm, packages["mailbox-operator"])["annotations"]["artifacthub.io/images"]
    )

    images = {line.split()[-1].strip('"') for line in rendered.splitlines() if " image: " in line}
    assert images == {IMAGE}
    assert [each["image"] for each in listed] == [IMAGE]


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_the_page_of_a_package_leads_to_the_tag_and_installs_from_the_registry(
    packages: dict[str, Path], helm: Path, name: str
) -> None:
    page = said(helm, "show", "readme", packages[name])

    commands = [line for line in page.splitlines() if line.startswith("$ helm")]
    assert "](../" not in page
    assert "registry.example" not in page
    assert [line for line in commands if " helm/" in line] == []
    assert any(f"{PLACES.charts}/{name} --version 0.1.0" in line for line in commands)


def test_the_table_of_values_has_the_image_of_the_release(
    packages: dict[str, Path], helm: Path
) -> None:
    page = said(helm, "show", "readme", packages["mailbox-operator"])

    assert f'| `image.repository` | `"{PLACES.image}"` |' in page


def test_the_tree_itself_stays_as_it_is(tree: Path, packages: dict[str, Path]) -> None:
    values = (tree / "helm" / "mailbox-operator" / "values.yaml").read_text()

    assert "  repository: mailbox-operator\n" in values
    assert len(charts(tree)) == len(packages)


def test_a_chart_without_a_place_for_the_image_is_refused(tree: Path, tmp_path: Path) -> None:
    values = tree / "helm" / "mailbox-operator" / "values.yaml"
    values.write_text(values.read_text().replace("Where the image is.", "The image."))

    with pytest.raises(ReleaseError, match="0 places for the image"):
        staged(values.parent, PLACES, tmp_path / "staged")


def test_the_digest_of_a_push_is_read_from_what_helm_says() -> None:
    said_by_helm = f"Pushed: ghcr.io/acme/charts/mailbox-crds:0.1.0\nDigest: sha256:{'a' * 64}\n"

    assert digest(said_by_helm) == f"sha256:{'a' * 64}"


def test_a_push_without_a_digest_is_a_failure() -> None:
    with pytest.raises(ReleaseError, match="names no digest: Pushed"):
        digest("Pushed: ghcr.io/acme/charts/mailbox-crds:0.1.0")
