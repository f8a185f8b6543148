"""Every example is one that a real API server takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.controlplane.plane import ControlPlane
from tools.demo.examples import FOLDER, Manifest, documents

EXAMPLES = sorted(FOLDER.glob("*.yaml"))
DRY = ("apply", "--server-side", "--dry-run=server", "--filename=-")
COMBINATIONS = {
    (provider, infrastructure)
    for provider in ("Google", "Outlook", "SMTP")
    for infrastructure in ("Private", "Managed")
}


def mailboxes() -> Iterator[Manifest]:
    for file in EXAMPLES:
        yield from (each for each in documents(file) if each["kind"] == "Mailbox")


def placed(manifest: Manifest, namespace: str) -> Manifest:
    metadata = {name: it for name, it in manifest["metadata"].items() if name != "namespace"}
    return {**manifest, "metadata": {**metadata, "namespace": namespace}}


@pytest.mark.cluster
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_api_server_takes_an_example(plane: ControlPlane, namespace: str, file: Path) -> None:
    manifests = [placed(each, namespace) for each in documents(file)]

    answer = plane.kubectl(*DRY, input=yaml.safe_dump_all(manifests))

    assert answer.count("serverside-applied") == len(manifests)


def test_every_combination_has_an_example() -> None:
    found = {(each["spec"]["provider"], each["spec"]["infrastructure"]) for each in mailboxes()}

    assert found == COMBINATIONS


def test_no_two_examples_have_the_same_name() -> None:
    names = [each["metadata"]["name"] for each in mailboxes()]

    assert len(set(names)) == len(names)


def test_the_table_names_every_example() -> None:
    table = (FOLDER / "README.md").read_text()

    assert all(f"| [{file.name}]({file.name}) |" in table for file in EXAMPLES)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_begins_with_what_it_is_for(file: Path) -> None:
    assert file.read_text().startswith("# ")
