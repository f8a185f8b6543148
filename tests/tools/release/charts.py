"""Packs the charts as they are published, with the places of this release."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tools.charts.values_table import readme
from tools.release.changelog import CHANGELOG, changes, section
from tools.release.places import Places
from tools.release.versions import ReleaseError

OPERATOR: Final = "mailbox-operator"
IMAGE: Final = re.compile(r"^(  # -- Where the image is\.\n  repository: )\S+$", re.MULTILINE)
FROM_TREE: Final = re.compile(r"(?<= )helm/(mailbox-[a-z]+)\b")
OWN_IMAGE: Final = re.compile(r" \\\n +--set image\.repository=\S+")
DIGEST: Final = re.compile(r"^Digest: (sha256:[0-9a-f]{64})$", re.MULTILINE)


def charts(root: Path) -> list[Path]:
    """List the charts of a tree."""
    return sorted(each.parent for each in root.glob("helm/*/Chart.yaml"))


def pack(root: Path, places: Places, helm: Path, into: Path) -> list[Path]:
    """Pack all charts of a tree.

    Args:
        root: The tree.
        places: Of the release.
        helm: The Helm program.
        into: The folder for the packages, which is made.

    Returns:
        The packages.
    """
    into.mkdir(parents=True)
    for chart in charts(root):
        ready = staged(chart, places, into / "staged" / chart.name)
        command = [str(helm), "package", str(ready), f"--destination={into}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(into / "staged")
    return sorted(into.glob("*.tgz"))


def staged(chart: Path, places: Places, into: Path) -> Path:
    """Copy a chart, and write the places of a release into the copy.

    Raises:
        ReleaseError: The chart has no place for the image where one is expected.
    """
    folder = Path(shutil.copytree(chart, into))
    if chart.name == OPERATOR:
        values = folder / "values.yaml"
        text, count = IMAGE.subn(rf"\g<1>{places.image}", values.read_text())
        if count != 1:
            raise ReleaseError(
                f"{chart.name}/values.yaml has {count} places for the image, not one"
            )
        values.write_text(text)
    text = section((chart.parents[1] / CHANGELOG).read_text(), places.version)
    card = yaml.safe_load((folder / "Chart.yaml").read_text())
    written = yaml.safe_dump(published(card, places, text), sort_keys=False, width=120)
    (folder / "Chart.yaml").write_text(written)
    page = places.linked(installable(readme(folder), places), f"helm/{chart.name}")
    (folder / "README.md").write_text(page)
    return folder


def published(card: Mapping[str, Any], places: Places, changed: str) -> dict[str, Any]:
    """Add to what a chart says of itself where its sources are, and what is new."""
    noted = [{"kind": kind, "description": said} for kind, said in changes(changed)]
    more: dict[str, Any] = {
        "changes": noted,
        "links": [
            {"name": "Documentation", "url": places.page("README.md")},
            {"name": "Changelog", "url": places.page(str(CHANGELOG))},
        ],
    }
    if card["name"] == OPERATOR:
        image = f"{places.image}:{card['appVersion']}"
        more["images"] = [
            {"name": OPERATOR, "image": image, "platforms": ["linux/amd64", "linux/arm64"]}
        ]
    annotations = {
        f"artifacthub.io/{key}": yaml.safe_dump(value, sort_keys=False, width=120)
        for key, value in more.items()
    }
    secures = any(each["kind"] == "security" for each in noted)
    annotations["artifacthub.io/containsSecurityUpdates"] = str(secures).lower()
    return {
        **card,
        "home": places.home,
        "sources": [places.home],
        "annotations": {**card["annotations"], **annotations},
    }


def installable(page: str, places: Places) -> str:
    """Have the commands of a page install from the registry, in place of a working copy."""
    there = rf"{places.charts}/\1 --version {places.version}"
    return "\n".join(
        FROM_TREE.sub(there, line) if line.startswith("$ helm") else line
        for line in OWN_IMAGE.sub("", page).split("\n")
    )


def push(packages: list[Path], places: Places, helm: Path) -> Iterator[str]:
    """Push packages to the registry, and name each by its digest, as a signature needs it."""
    for package in packages:
        command = [str(helm), "push", str(package), places.charts]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        name = package.name.removesuffix(f"-{places.version}.tgz")
        yield f"{places.charts.removeprefix('oci://')}/{name}@{digest(done.stdout + done.stderr)}"


def digest(said: str) -> str:
    """Read the digest out of what `helm push` says.

    Raises:
        ReleaseError: There is none, or there are several.
    """
    found = DIGEST.findall(said)
    if len(found) != 1:
        raise ReleaseError(f"helm push names no digest: {said}")
    return str(found[0])
