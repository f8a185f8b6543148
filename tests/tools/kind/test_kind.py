"""What the job with kind does, as far as it shows without Docker: kind itself is not run here."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.controlplane.programs import SOURCES, Program
from lab.node.policy import Direction, Peer, Port, Workload, allows
from mailbox_operator.decide.declared.documents import Document, read_declared
from mailbox_operator.decide.failure.reasons import Reason
from tools.kind.__main__ import PROGRAMS, arguments, play
from tools.kind.manifests import HOME, KNOCK, credentials, mailbox, values
from tools.kind.nodes import NODES
from tools.kind.steps import DEFINITIONS, OPERATOR, RELEASE, Step, evidence, knocks, steps

IMAGE: Final = "mailbox-operator:dev"
STEPS: Final = list(steps("test", NODES["newest"], IMAGE))


def minor(image: str) -> str:
    """Read the minor version out of a node's image."""
    found = re.fullmatch(r"kindest/node:v(\d+\.\d+)\.\d+@sha256:[0-9a-f]{64}", image)
    assert found
    return found[1]


def test_the_oldest_node_is_of_the_oldest_version_that_the_charts_allow() -> None:
    chart = yaml.safe_load((OPERATOR / "Chart.yaml").read_text())

    assert chart["kubeVersion"] == f">={minor(NODES['oldest'])}.0-0"


def test_the_newest_node_is_of_the_version_of_the_control_plane() -> None:
    assert SOURCES[Program.API_SERVER].version.startswith(f"v{minor(NODES['newest'])}.")


def test_a_step_runs_one_of_the_programs_that_are_built() -> None:
    programs = {str(each) for each in PROGRAMS}

    assert {step.program for step in [*STEPS, *evidence()]} == programs


@pytest.fixture
def rendered(helm: Path) -> list[dict[str, Any]]:
    """Render the operator's chart with the values of the job."""
    command = [str(helm), "template", RELEASE, str(OPERATOR), f"--namespace={HOME}", "--values=-"]
    done = subprocess.run(
        command, input=json.dumps(values(IMAGE)), check=True, capture_output=True, text=True
    )
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def test_every_pod_of_the_chart_runs_the_image_that_the_node_has(
    rendered: list[dict[str, Any]],
) -> None:
    pods = [x["spec"]["template"]["spec"] for x in rendered if x["kind"] == "Deployment"]
    containers = [each for pod in pods for each in pod["containers"]]

    assert len(pods) == 2
    assert {(x["image"], x["imagePullPolicy"]) for x in containers} == {(IMAGE, "Never")}


@pytest.mark.parametrize("pod", knocks(IMAGE), ids=lambda pod: pod["metadata"]["name"])
def test_a_pod_knocks_at_a_service_and_wants_what_the_policies_say(
    pod: dict[str, Any], rendered: list[dict[str, Any]]
) -> None:
    *_, host, number, wanted = pod["spec"]["containers"][0]["command"]
    service = next(
        x
        for x in rendered
        if x["kind"] == "Service" and x["metadata"]["name"] == host.split(".")[0]
    )
    (port,) = (x for x in service["spec"]["ports"] if x["port"] == int(number))
    selected = service["spec"]["selector"]
    deployment = next(
        x
        for x in rendered
        if x["kind"] == "Deployment"
        and selected.items() <= x["spec"]["template"]["metadata"]["labels"].items()
    )
    target = Workload(HOME, deployment["spec"]["template"]["metadata"]["labels"])
    listening = {
        x["name"]: x["containerPort"]
        for x in deployment["spec"]["template"]["spec"]["containers"][0]["ports"]
    }
    namespace = pod["metadata"]["namespace"]
    knocker = Workload(namespace, {}, {"kubernetes.io/metadata.name": namespace})
    policies = [x for x in rendered if x["kind"] == "NetworkPolicy"]
    door = Port(listening[port["targetPort"]], port["targetPort"])

    allowed = allows(policies, Direction.INGRESS, target, Peer("10.244.0.9", knocker), door)

    assert allowed is (wanted == "open")


@pytest.mark.parametrize("wanted", ["open", "closed"])
def test_the_program_that_knocks_fails_where_a_port_is_not_as_wanted(wanted: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KNOCK, "127.0.0.1", "1", wanted], check=False, capture_output=True
    )

    assert done.returncode == (0 if wanted == "closed" else 1)


def test_the_mailbox_of_the_job_can_be_read_with_its_secret() -> None:
    documents = [Document(dict(each)) for each in (mailbox(), credentials())]

    declared = read_declared(documents, "default")

    assert declared.all_mistakes == []


def test_the_reasons_that_are_waited_for_are_reasons() -> None:
    waited = [
        found[1]
        for step in STEPS
        if (found := re.fullmatch(r"its reason is (\w+)", step.says)) is not None
    ]

    assert [Reason(each) for each in waited] == [Reason.CREDENTIALS_MISSING, Reason.HOST_NOT_FOUND]


def test_the_charts_that_are_installed_are_those_of_the_tree() -> None:
    named = {x for step in STEPS for x in step.arguments if x.startswith(str(OPERATOR.parent))}

    assert named == {str(OPERATOR), str(DEFINITIONS)}


def script(folder: Path, status: int) -> Path:
    """Make a program that notes how it was called, and what it read."""
    path = folder / f"ends-{status}"
    path.write_text(
        f'#!/bin/sh\necho "$@" >> {folder}/calls\ncat >> {folder}/calls\nexit {status}\n'
    )
    path.chmod(0o755)
    return path


def test_steps_are_run_in_order_with_what_they_read(tmp_path: Path) -> None:
    programs = {"kubectl": script(tmp_path, 0)}
    first, second = Step("a", "kubectl", ("one",), "read\n"), Step("b", "kubectl", ("two",))

    assert play([first, second], programs, os.environ) == 0

    assert (tmp_path / "calls").read_text() == "one\nread\ntwo\n"


def test_a_failed_step_ends_the_run_and_shows_what_helps(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    programs = {"kubectl": script(tmp_path, 0), "kind": script(tmp_path, 1)}
    steps_of_run = [Step("a", "kind", ("one",)), Step("b", "kubectl", ("two",))]

    assert play(steps_of_run, programs, os.environ) == 1

    calls = (tmp_path / "calls").read_text()
    assert "FAILED: a" in capfd.readouterr().out
    assert "two" not in calls
    assert "events --all-namespaces" in calls


def test_the_legs_are_the_oldest_and_the_newest() -> None:
    assert arguments(["--kubernetes=oldest"]).kubernetes == "oldest"
    assert set(NODES) == {"oldest", "newest"}
