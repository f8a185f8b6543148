"""Workloads of the API server run as processes, and end as they should."""

import asyncio

import pytest

from lab.controlplane.plane import ControlPlane
from lab.node.workloads import LIVENESS, READINESS, Home, deployment, job
from lab.stand.eventually import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


async def test_two_replicas_listen_on_the_same_port(home: Home) -> None:
    one, other = await home.deploy(deployment("web", replicas=2))

    assert (await home.ask(one))["host"] == one.spec.name
    assert (await home.ask(other))["host"] == other.spec.name


async def test_a_rollout_replaces_a_pod_and_ends_the_old_one(home: Home) -> None:
    (old,) = await home.deploy(deployment("web"))

    (new,) = await home.deploy(deployment("web", args=["new"]))

    assert (await home.ask(new))["arguments"] == ["new"]
    assert "asked to end" in old.logs[-1]


async def test_a_deleted_pod_gets_its_grace_period(home: Home) -> None:
    (pod,) = await home.deploy(deployment("web", env=[{"name": "LAST_WORDS", "value": "3"}]))

    await home.kubectl("delete", "deployment/web", "--cascade=foreground", "--timeout=20s")

    assert "asked to end" in pod.logs[-1]
    assert pod.status.state["terminated"]["exitCode"] == 3


async def test_a_pod_that_does_not_end_is_killed(home: Home) -> None:
    patient = {"terminationGracePeriodSeconds": 1}
    (pod,) = await home.deploy(deployment("web", pod=patient, args=["deaf"]))

    await home.kubectl("delete", "deployment/web", "--cascade=foreground", "--timeout=20s")

    assert pod.status.state["terminated"]["exitCode"] == 137


async def test_a_container_that_is_not_alive_starts_again(home: Home) -> None:
    (pod,) = await home.deploy(deployment("web", livenessProbe=LIVENESS))

    await home.ask(pod, "/write?path=/tmp/sick")

    async def restarts() -> int:
        return pod.status.restarts if pod.status.ready else 0

    assert await eventually(restarts, within=60) >= 1
    assert ["asked to end" in log for log in pod.logs] == [True, False]


async def test_a_container_that_never_starts_up_starts_again(home: Home) -> None:
    port = {"path": "/healthz", "port": 9999}
    startup = {"httpGet": port, "periodSeconds": 1, "failureThreshold": 1}
    await home.apply(deployment("web", startupProbe=startup))

    async def restarts() -> list[int]:
        return [pod.status.restarts for pod in await home.pods("web")]

    await eventually(restarts, lambda seen: seen and seen[0] >= 2)
    (pod,) = await home.pods("web")
    assert not pod.status.started


async def test_a_container_that_is_not_well_is_not_ready(home: Home) -> None:
    readiness = {**READINESS, "failureThreshold": 1}
    (pod,) = await home.deploy(deployment("web", readinessProbe=readiness))

    await home.ask(pod, "/write?path=/tmp/sick")

    await home.kubectl("wait", "pod", pod.spec.name, "--for=condition=Ready=False", "--timeout=20s")
    assert pod.status.restarts == 0


async def test_an_unknown_image_is_not_pulled(home: Home) -> None:
    await home.apply(deployment("web", image="registry.example/another:1"))

    async def reasons() -> str:
        path = "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}"
        return await home.kubectl("get", "pods", "-o", path)

    assert await eventually(reasons) == "ErrImagePull"


@pytest.mark.parametrize(
    ("code", "condition", "phase"), [(0, "Complete", "Succeeded"), (4, "Failed", "Failed")]
)
async def test_a_job_ends_as_its_pod_does(
    home: Home, code: int, condition: str, phase: str
) -> None:
    await home.apply(job("once", code))

    await home.kubectl("wait", f"--for=condition={condition}", "job/once", "--timeout=30s")

    (pod,) = await home.pods("once")
    assert pod.status.phase == phase
    assert pod.status.state["terminated"]["exitCode"] == code


async def test_a_pod_waits_for_a_missing_volume(home: Home) -> None:
    volume = {"name": "scratch", "configMap": {"name": "late"}}
    await home.apply(deployment("web", pod={"volumes": [volume]}))

    async def waiting() -> str:
        return "".join(str(pod.status.state) for pod in await home.pods("web"))

    await eventually(waiting, lambda state: "configmaps late not found" in state)
    await home.kubectl("create", "configmap", "late", "--from-literal=key=value")
    await home.kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    (pod,) = await home.pods("web")
    assert await home.ask(pod, "/read?path=/scratch/key") == "value"


async def test_pods_outlive_an_absence_of_the_api_server(home: Home, plane: ControlPlane) -> None:
    (pod,) = await home.deploy(deployment("web"))

    await asyncio.to_thread(plane.stop_api_server)
    plane.start_api_server()  # not from a thread: it would end with it

    (other,) = await home.deploy(deployment("other"))
    assert (await home.ask(other))["host"] == other.spec.name
    assert pod.status.ready
    assert pod.status.restarts == 0
