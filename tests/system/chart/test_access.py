"""What the chart adds to the cluster's own roles, as a real API server sees it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane
from system.chart.release import OPERATOR, Chart

pytestmark = pytest.mark.cluster

PEOPLE: Final = ("view", "edit", "admin")
READ: Final = ("get", "list", "watch")
WRITE: Final = ("create", "update", "patch", "delete")
PATIENCE_SECONDS: Final = 30


@pytest.fixture(scope="module")
def people(plane: ControlPlane, helm: Path) -> Iterator[ControlPlane]:
    """Three people with the cluster's own roles in a namespace, once the chart's are added to them."""
    roles = [
        dict(each)
        for each in Chart(helm, OPERATOR, "access").set().all("ClusterRole")
        if each["metadata"]["labels"]["app.kubernetes.io/component"] == "access"
    ]
    plane.kubectl("create", "namespace", "access")
    for role in PEOPLE:
        bound = ("create", "rolebinding", role, f"--clusterrole={role}", f"--user={role}")
        plane.kubectl(*bound, "--namespace=access")
    plane.apply(*roles)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(may(plane, person, "list", "mailboxes") for person in PEOPLE):
        assert time.monotonic() < deadline, "the roles are not added up"
    yield plane
    plane.kubectl("delete", "namespace", "access", "--wait=false")
    plane.kubectl("delete", "-f", "-", input=yaml.safe_dump_all(roles))


def may(plane: ControlPlane, person: str, verb: str, what: str, *options: str) -> bool:
    asked = ("auth", "can-i", verb, what, f"--as={person}", "--namespace=access", "--quiet")
    try:
        plane.kubectl(*asked, *options)
    except KubectlError:
        return False
    return True


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_who_sees_the_namespace_sees_its_mailboxes(
    people: ControlPlane, person: str
) -> None:
    assert [verb for verb in READ if not may(people, person, verb, "mailboxes")] == []


@pytest.mark.parametrize("person", ["edit", "admin"])
def test_an_editor_of_the_namespace_edits_its_mailboxes(people: ControlPlane, person: str) -> None:
    assert [verb for verb in WRITE if not may(people, person, verb, "mailboxes")] == []


def test_a_viewer_of_the_namespace_changes_nothing_and_sees_no_secret(people: ControlPlane) -> None:
    assert [verb for verb in WRITE if may(people, "view", verb, "mailboxes")] == []
    assert [verb for verb in READ if may(people, "view", verb, "secrets")] == []


@pytest.mark.parametrize("person", PEOPLE)
def test_the_status_is_the_operators_alone(people: ControlPlane, person: str) -> None:
    assert not may(people, person, "patch", "mailboxes", "--subresource=status")
