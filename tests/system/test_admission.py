"""`check-api` on a real API server: a Mailbox is admitted and forgotten, or the exit status says no."""

import subprocess
from pathlib import Path

import pytest

from lab.controlplane.plane import ControlPlane
from lab.stand.operator_process import command, environment

pytestmark = pytest.mark.cluster


def check_api(kubeconfig: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        command("check-api", *options),
        env=environment() | {"KUBECONFIG": str(kubeconfig)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_mailbox_is_admitted_and_forgotten(plane: ControlPlane) -> None:
    status, said = check_api(plane.kubeconfig)

    assert (status, said) == (0, "the API server admits a Mailbox in namespace default\n")
    assert plane.kubectl("get", "mailboxes", "--namespace=default", "--output=name") == ""


def test_a_person_who_may_not_create_a_mailbox_learns_so(
    plane: ControlPlane, namespace: str
) -> None:
    status, said = check_api(plane.kubeconfig_for(namespace, "default"), "--timeout=0")

    assert status == 1
    assert said.startswith("mailbox-operator: no Mailbox is admitted: 403 Forbidden: ")
    assert 'cannot create resource "mailboxes"' in said


def test_without_a_cluster_it_was_called_wrongly(tmp_path: Path) -> None:
    status, said = check_api(tmp_path / "none")

    assert status == 2
    assert "no cluster to work in" in said
