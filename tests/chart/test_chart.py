"""The chart, rendered by real Helm."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from controlplane.plane import ControlPlane
from mailbox_operator.settings import load

CHART = Path(__file__).parents[2] / "helm" / "mailbox-operator"
Render = Callable[..., list[Mapping[str, Any]]]


@pytest.fixture
def render(helm: Path) -> Render:
    def rendered(*options: str) -> list[Mapping[str, Any]]:
        command = [
            str(helm),
            "template",
            "mailbox-operator",
            str(CHART),
            "--namespace=mail",
            *options,
        ]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [document for document in yaml.safe_load_all(output) if document]

    return rendered


def only(documents: list[Mapping[str, Any]], kind: str) -> Mapping[str, Any]:
    (found,) = [document for document in documents if document["kind"] == kind]
    return found


def test_passes_helms_own_lint(helm: Path) -> None:
    done = subprocess.run(
        [str(helm), "lint", "--strict", str(CHART)], check=False, capture_output=True
    )

    assert done.returncode == 0, done.stdout.decode()


def test_the_configuration_is_the_operators_own(render: Render) -> None:
    config = only(render("--set", "config.limits.burst=7"), "ConfigMap")["data"]["config.yaml"]

    settings = load(config)

    assert settings.operator_namespace == "mail"
    assert settings.limits.burst == 7


def test_a_changed_configuration_rolls_the_pods(render: Render) -> None:
    def annotations(*options: str) -> Mapping[str, str]:
        found: Mapping[str, str] = only(render(*options), "Deployment")["spec"]["template"][
            "metadata"
        ]["annotations"]
        return found

    assert annotations() != annotations("--set", "config.logLevel=DEBUG")


def test_the_consent_page_has_a_service_once_it_has_an_address(render: Render) -> None:
    page = "config.consent.publicURL=https://mailboxes.example"
    documents = render("--set", page, "--set", "config.consent.port=9000")
    service, deployment = only(documents, "Service"), only(documents, "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]

    assert service["spec"]["ports"][0]["targetPort"] == "consent"
    assert {"name": "consent", "containerPort": 9000} in container["ports"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert [each for each in render() if each["kind"] == "Service"] == []


def test_the_container_is_restricted(render: Render) -> None:
    pod = only(render(), "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsUser"] > 10000
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.cluster
def test_the_api_server_accepts_every_object(
    render: Render, plane: ControlPlane, namespace: str
) -> None:
    documents = render("--namespace", namespace)

    plane.kubectl(
        "apply", "--server-side", "--dry-run=server", "-f", "-", input=yaml.dump_all(documents)
    )


@pytest.mark.cluster
def test_installs_and_leaves_again(helm: Path, plane: ControlPlane, namespace: str) -> None:
    places = [f"--namespace={namespace}", f"--kubeconfig={plane.kubeconfig}"]

    subprocess.run([str(helm), "install", namespace, str(CHART), *places], check=True)
    installed = plane.kubectl("get", "deployment,configmap,role", "-n", namespace, "-o", "name")
    subprocess.run([str(helm), "uninstall", namespace, *places], check=True)

    kinds = ("deployment.apps", "configmap", "role.rbac.authorization.k8s.io")
    assert [kind for kind in kinds if f"{kind}/{namespace}\n" not in f"{installed}\n"] == []
