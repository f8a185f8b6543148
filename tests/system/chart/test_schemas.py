"""Every object of the charts fits its schema, in the three newest versions of Kubernetes."""

from pathlib import Path

import pytest

from lab.controlplane.programs import SOURCES, Program
from system.chart.matrix import FOREIGN, Rendering
from system.chart.schemas import SUPPORTED, Schemas

RENDERINGS = Rendering.every()
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: jane}
spec:
  selector: {matchLabels: {app: jane}}
  template:
    metadata: {labels: {app: jane}}
    spec: {containers: [{name: jane, image: jane}]}
"""
MAILBOX = """
apiVersion: mailbox-operator.io/v1alpha1
kind: Mailbox
metadata: {name: jane}
spec: {address: jane@acme.example, provider: Google, infrastructure: Managed}
"""
MONITOR = """
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: jane}
spec: {selector: {}, endpoints: [{port: http, honorLabels: true}]}
"""


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Schemas:
    return Schemas.put_into(tmp_path_factory.mktemp("schemas"))


@pytest.mark.parametrize("place", range(SUPPORTED))
@pytest.mark.parametrize("rendering", RENDERINGS, ids=str)
def test_every_object_fits_its_schema(
    rendering: Rendering, place: int, schemas: Schemas, helm: Path, kubeconform: Path
) -> None:
    kubernetes = schemas.versions[place]

    text = rendering.text(helm, kubernetes)

    assert schemas.problems(kubeconform, text, kubernetes) == []


def test_the_newest_version_is_that_of_the_control_plane(schemas: Schemas) -> None:
    newest = schemas.versions[-1].rpartition(".")[0]

    assert SOURCES[Program.API_SERVER].version.startswith(f"v{newest}.")


@pytest.mark.parametrize(
    ("manifest", "right", "wrong"),
    [
        pytest.param(DEPLOYMENT, "selector:", "selektor:", id="of Kubernetes"),
        pytest.param(DEPLOYMENT, "image:", "imige:", id="deep inside"),
        pytest.param(MAILBOX, "provider:", "provder:", id="of a Mailbox"),
        pytest.param(MONITOR, "honorLabels:", "honourLabels:", id="of the Prometheus Operator"),
    ],
)
def test_a_misspelt_field_is_caught(
    manifest: str, right: str, wrong: str, schemas: Schemas, kubeconform: Path
) -> None:
    version = schemas.versions[-1]
    misspelt = manifest.replace(right, wrong)

    (problem,) = schemas.problems(kubeconform, misspelt, version)

    assert schemas.problems(kubeconform, manifest, version) == []
    assert wrong.rstrip(":") in problem


def test_a_kind_without_a_schema_is_a_problem(schemas: Schemas, kubeconform: Path) -> None:
    unknown = MAILBOX.replace("kind: Mailbox", "kind: Postbox")

    (problem,) = schemas.problems(kubeconform, unknown, schemas.versions[-1])

    assert "could not find schema for Postbox" in problem


def test_every_skipped_kind_is_rendered(schemas: Schemas, helm: Path) -> None:
    newest = schemas.versions[-1]
    objects = [found for each in RENDERINGS for found in each.objects(helm, newest)]

    assert FOREIGN.keys() <= {f"{found['apiVersion']}/{found['kind']}" for found in objects}
