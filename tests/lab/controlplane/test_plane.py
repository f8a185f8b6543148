import json

import pytest

from lab.controlplane.assets import Assets
from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane, NotOursError

pytestmark = pytest.mark.cluster

WHO_AM_I = ("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")


def config_map(name: str, namespace: str) -> dict[str, object]:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"k": "v"}}


@pytest.fixture
def own_plane(plane: ControlPlane) -> ControlPlane:
    if plane.servers is None:
        pytest.skip("KUBECONFIG names a cluster that is not ours to restart")
    return plane


def test_the_api_server_has_the_pinned_version(own_plane: ControlPlane) -> None:
    answer = json.loads(own_plane.kubectl("version", "--output=json"))

    assert answer["serverVersion"]["gitVersion"] == "v1.37.2"
    assert answer["serverVersion"]["minor"] == "37"


def test_the_controller_manager_gives_a_namespace_its_service_account(
    plane: ControlPlane, namespace: str
) -> None:
    found = plane.kubectl("get", "serviceaccounts", "-n", namespace, "-o", "name")

    assert found.split() == ["serviceaccount/default"]


def test_a_token_speaks_for_its_service_account(plane: ControlPlane, namespace: str) -> None:
    token = plane.token_for(namespace, "default")

    name = plane.kubectl(*WHO_AM_I, f"--token={token}")

    assert name == f"system:serviceaccount:{namespace}:default"


def test_a_kubeconfig_acts_as_its_service_account(plane: ControlPlane, namespace: str) -> None:
    path = plane.kubeconfig_for(namespace, "default")

    name = plane.kubectl(*WHO_AM_I, f"--kubeconfig={path}")

    assert name == f"system:serviceaccount:{namespace}:default"
    assert path.stat().st_mode & 0o077 == 0


def test_a_service_account_may_do_nothing_unless_it_is_allowed_to(
    plane: ControlPlane, namespace: str
) -> None:
    path = plane.kubeconfig_for(namespace, "default")

    with pytest.raises(KubectlError, match="Forbidden"):
        plane.kubectl("get", "secrets", f"--kubeconfig={path}")


def test_objects_and_yaml_are_applied_together(plane: ControlPlane, namespace: str) -> None:
    text = json.dumps(config_map("text", namespace))

    plane.apply(config_map("object", namespace), text)

    found = plane.kubectl("get", "configmaps", "object", "text", "-n", namespace, "-o", "name")
    assert found.split() == ["configmap/object", "configmap/text"]


@pytest.mark.parametrize("kill", [False, True])
def test_objects_and_tokens_survive_a_restart_of_the_api_server(
    own_plane: ControlPlane, namespace: str, *, kill: bool
) -> None:
    own_plane.apply(config_map("kept", namespace))
    token = own_plane.token_for(namespace, "default")

    own_plane.restart_api_server(kill=kill)

    kept = own_plane.kubectl("get", "configmap", "kept", "-n", namespace, "-o", "jsonpath={.data}")
    name = own_plane.kubectl(*WHO_AM_I, f"--token={token}")
    assert kept == '{"k":"v"}'
    assert name == f"system:serviceaccount:{namespace}:default"


def test_the_plane_does_not_answer_while_the_api_server_is_stopped(own_plane: ControlPlane) -> None:
    own_plane.stop_api_server()

    with pytest.raises(KubectlError, match="refused"):
        own_plane.kubectl("get", "namespaces")

    own_plane.start_api_server()


def test_a_given_cluster_is_used_and_never_stopped(plane: ControlPlane, namespace: str) -> None:
    path = plane.kubeconfig_for(namespace, "default")
    given = Assets({**plane.assets.environ, "KUBECONFIG": str(path)})

    with ControlPlane.start(assets=given) as guest:
        name = guest.kubectl(*WHO_AM_I)
        with pytest.raises(NotOursError, match="unset KUBECONFIG"):
            guest.restart_api_server()

    assert (guest.url, name) == (plane.url, f"system:serviceaccount:{namespace}:default")
    assert not guest.directory.exists()


def test_the_audit_log_tells_what_a_service_account_asked_for(
    own_plane: ControlPlane, namespace: str
) -> None:
    path = own_plane.kubeconfig_for(namespace, "default")

    with pytest.raises(KubectlError, match="Forbidden"):
        own_plane.kubectl("delete", "secret", "gone", f"--kubeconfig={path}")

    asked = [r for r in own_plane.requests(namespace, "default") if r.resource]
    assert [(r.verb, r.resource, r.name, r.code) for r in asked] == [
        ("delete", "secrets", "gone", 403)
    ]
