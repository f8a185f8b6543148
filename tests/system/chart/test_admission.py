"""What the operator's chart renders, for usual and for odd values, is admitted by a real API server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.controlplane.plane import ControlPlane
from system.chart.matrix import FOREIGN
from system.chart.prometheus import definitions
from system.chart.release import OPERATOR, Chart, RefusedError

pytestmark = pytest.mark.cluster

NAMESPACES: Final = ("mail", "team-a", "team-b", "1234")
FILES: Final = sorted((OPERATOR / "ci").glob("*.yaml"))
PAGE: Final = {"consent": {"publicURL": "https://Mail.Example:8443/consent"}}
WAY: Final[dict[str, Any]] = {"consent": {"ingress": {"enabled": True}}}
ODD: Final[dict[str, dict[str, Any]]] = {
    "names of digits": {"nameOverride": "123", "serviceAccount": {"name": "456"}},
    "a page in capitals": {"config": PAGE, **WAY},
    "addresses as networks": {"config": {"egress": {"allowedNetworks": ["10.1.2.3", "fd00::1"]}}},
    "recreated pods": {"updateStrategy": {"type": "Recreate"}},
    "labels of digits": {"commonLabels": {"team": "7"}, "commonAnnotations": {"cost": "12"}},
    "a namespace of its own": {"config": {"operatorNamespace": "team-a"}},
    "its own among others": {"config": {"namespaces": ["mail", "team-a"], "managed": True}},
    "default among others": {"config": {"namespaces": ["default", "team-a"]}},
    "rights of somebody else": {
        "rbac": {"create": False},
        "serviceAccount": {"create": False, "name": "own"},
    },
    "no policy, one replica": {"networkPolicy": {"enabled": False}, "replicaCount": 1},
}


@pytest.fixture(scope="module")
def places(plane: ControlPlane) -> Iterator[ControlPlane]:
    for name in NAMESPACES:
        plane.kubectl("create", "namespace", name)
    kinds = yaml.safe_dump_all(definitions())
    plane.kubectl("apply", "--server-side", "-f", "-", input=kinds)
    plane.kubectl("wait", "--for=condition=Established", "-f", "-", input=kinds)
    yield plane
    plane.kubectl("delete", "-f", "-", input=kinds)
    for name in NAMESPACES:
        plane.kubectl("delete", "namespace", name, "--wait=false")


def admitted(plane: ControlPlane, objects: Any) -> None:
    own = [as_template(x) for x in objects if f"{x['apiVersion']}/{x['kind']}" not in FOREIGN]
    dry = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-")
    plane.kubectl(*dry, input=yaml.safe_dump_all(own))


def as_template(found: Any) -> dict[str, Any]:
    """Take a pod for a template of it: the pod itself needs a ServiceAccount that is there."""
    if found["kind"] != "Pod":
        return dict(found)
    template = {"metadata": {}, "spec": found["spec"]}
    kept = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": found["metadata"]}
    return {**kept, "template": template}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_values_of_the_matrix_are_admitted(places: ControlPlane, chart: Chart, file: Path) -> None:
    admitted(places, chart.render(f"--values={file}").objects)


@pytest.mark.parametrize("values", ODD.values(), ids=ODD)
def test_odd_values_are_admitted(places: ControlPlane, chart: Chart, values: Any) -> None:
    admitted(places, chart.set(**values).objects)


@pytest.mark.parametrize("release", ["123", "r" * 53], ids=["digits", "the longest"])
def test_odd_releases_are_admitted(places: ControlPlane, helm: Path, release: str) -> None:
    chart = Chart(helm, OPERATOR, release, namespace="1234")

    admitted(places, chart.set(config=PAGE, consent__ingress={"enabled": True}).objects)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param({"serviceAccount": {"create": False}}, "name the ServiceAccount", id="nobody"),
        pytest.param(
            {"config": {"consent": {"port": 8080}}}, "are the same", id="one port for two"
        ),
        pytest.param({"config": {"consent": {"port": 0}}}, "config.consent.port", id="no port"),
        pytest.param(
            {"config": {"consent": {"publicURL": "https://192.0.2.1"}}} | WAY,
            "this is an IP address",
            id="a page without a name",
        ),
        pytest.param({"config": None}, "missing property 'config'", id="nothing"),
        pytest.param({"livenessProbe": None}, "missing property 'livenessProbe'", id="no probe"),
    ],
)
def test_values_that_cannot_work_are_refused_before(chart: Chart, values: Any, told: str) -> None:
    with pytest.raises(RefusedError) as caught:
        chart.set(**values)

    assert told in str(caught.value)
