"""A container has what its pod spec says, and no more."""

from typing import Final

import pytest

from lab.node.workloads import Home, deployment

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

TOKEN: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
LOCKED: Final = {"readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


async def test_the_user_of_a_container_is_the_one_of_the_spec(home: Home) -> None:
    user = {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 7}
    (pod,) = await home.deploy(deployment("web", pod={"securityContext": user}))

    around = await home.ask(pod)

    assert (around["user"], around["group"]) == (65532, 7)


async def test_the_environment_of_a_container_is_the_one_of_the_spec(home: Home) -> None:
    await home.kubectl("create", "secret", "generic", "keys", "--from-literal=key=hush")
    env = [
        {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "key"}}},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "APP", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
        {"name": "BOTH", "value": "$(APP) on $(POD), $$(APP) and $(NONE)"},
    ]
    more = [{"prefix": "MY_", "secretRef": {"name": "keys"}}]
    (pod,) = await home.deploy(deployment("web", args=["$(APP)"], env=env, envFrom=more))

    around = await home.ask(pod)

    expected = {"SECRET": "hush", "APP": "web", "POD": pod.spec.name, "MY_key": "hush"}
    assert expected.items() <= around["environ"].items()
    assert around["environ"]["BOTH"] == f"web on {pod.spec.name}, $(APP) and $(NONE)"
    assert around["arguments"] == ["web"]
    assert around["environ"].keys().isdisjoint({"USER", "LOGNAME", "KUBECONFIG", "PYTHONPATH"})


async def test_a_container_starts_from_the_image_that_it_names(home: Home) -> None:
    (tiny,) = await home.deploy(deployment("web"))
    (other,) = await home.deploy(deployment("api", image="registry.example/other:2"))

    assert "IMAGE" not in (await home.ask(tiny))["environ"]
    assert (await home.ask(other))["environ"]["IMAGE"] == "other"


async def test_a_root_that_is_read_only_has_only_volumes_to_write_to(home: Home) -> None:
    (pod,) = await home.deploy(deployment("web", securityContext=LOCKED))

    assert await home.ask(pod, "/write?path=/scratch/file") == 7
    assert await home.ask(pod, "/write?path=/tmp/file") == "OSError"
    assert await home.ask(pod, f"/write?path={TOKEN}/token") == "OSError"


async def test_a_root_that_is_not_read_only_can_be_written_to(home: Home) -> None:
    (pod,) = await home.deploy(deployment("web"))

    assert await home.ask(pod, "/write?path=/tmp/file") == 7
    assert await home.ask(pod, "/write?path=/usr/file") == "OSError"


async def test_a_file_that_only_root_may_read_stays_closed_to_others(home: Home) -> None:
    await home.kubectl("create", "configmap", "files", "--from-literal=key=value")
    volume = {"name": "scratch", "configMap": {"name": "files", "defaultMode": 0o400}}
    user = {"runAsUser": 65532}
    closed = {"securityContext": user, "volumes": [volume]}
    shared = {"securityContext": {**user, "fsGroup": 65532}, "volumes": [volume]}

    (without,) = await home.deploy(deployment("closed", pod=closed))
    (with_group,) = await home.deploy(deployment("shared", pod=shared))

    assert await home.ask(without, "/read?path=/scratch/key") == "PermissionError"
    assert await home.ask(with_group, "/read?path=/scratch/key") == "value"


async def test_the_token_of_a_container_is_its_service_accounts(home: Home) -> None:
    (pod,) = await home.deploy(deployment("web"))

    token = await home.ask(pod, f"/read?path={TOKEN}/token")

    who = await home.kubectl("auth", "whoami", f"--token={token}", "-o", "yaml")
    assert f"system:serviceaccount:{home.namespace}:default" in who
    assert pod.spec.name in who
    assert await home.ask(pod, f"/read?path={TOKEN}/namespace") == home.namespace
    assert "BEGIN CERTIFICATE" in await home.ask(pod, f"/read?path={TOKEN}/ca.crt")
