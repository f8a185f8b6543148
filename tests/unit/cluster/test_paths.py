"""Every path of the API server is built in one module."""

from pathlib import Path
from typing import Final

import pytest

import mailbox_operator
from mailbox_operator.cluster import paths
from mailbox_operator.decide.words import Kind

PACKAGE: Final = Path(mailbox_operator.__file__).parent
BEGINNINGS: Final = ('"/api/', '"/apis/')


@pytest.mark.parametrize(
    ("path", "built"),
    [
        pytest.param(
            paths.object_path(Kind.MAILBOX, "acme", "sales"),
            "/apis/mailbox-operator.io/v1alpha1/namespaces/acme/mailboxes/sales",
            id="a Mailbox",
        ),
        pytest.param(
            paths.object_path(Kind.INFRASTRUCTURE),
            "/apis/mailbox-operator.io/v1alpha1/managedinfrastructures",
            id="all ManagedInfrastructures",
        ),
        pytest.param(paths.secret_path(""), "/api/v1/secrets", id="all Secrets"),
        pytest.param(
            paths.secret_path("acme", "login"),
            "/api/v1/namespaces/acme/secrets/login",
            id="a Secret",
        ),
        pytest.param(
            paths.event_path("acme"), "/api/v1/namespaces/acme/events", id="a namespace's Events"
        ),
        pytest.param(
            paths.lease_path("home", "leader"),
            "/apis/coordination.k8s.io/v1/namespaces/home/leases/leader",
            id="a Lease",
        ),
        pytest.param(paths.namespace_path("acme"), "/api/v1/namespaces/acme", id="a namespace"),
        pytest.param(
            paths.workload_path("deployments"), "/apis/apps/v1/deployments", id="all Deployments"
        ),
        pytest.param(paths.pod_path("acme", "a"), "/api/v1/namespaces/acme/pods/a", id="a pod"),
        pytest.param(
            paths.configmap_path("acme"), "/api/v1/namespaces/acme/configmaps", id="ConfigMaps"
        ),
    ],
)
def test_a_path_names_group_namespace_and_object(path: str, built: str) -> None:
    assert path == built


def test_no_other_module_builds_a_path_of_the_api_server() -> None:
    builders = [
        found.relative_to(PACKAGE).as_posix()
        for found in PACKAGE.rglob("*.py")
        if any(text in found.read_text().replace('f"', '"') for text in BEGINNINGS)
    ]

    assert builders == ["cluster/paths.py"]
