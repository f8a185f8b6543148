"""A status that the API server does not take costs nobody but its own object."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from lab.controlplane.plane import ControlPlane
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected
from lab.stand.world import World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

LOCKED: Final = 5
POLICY: Final[dict[str, Any]] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {"name": "locked-statuses"},
    "spec": {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "resourceRules": [
                {
                    "apiGroups": ["mailbox-operator.io"],
                    "apiVersions": ["*"],
                    "operations": ["UPDATE"],
                    "resources": ["mailboxes/status"],
                }
            ]
        },
        "validations": [
            {
                "expression": "!object.metadata.name.startsWith('locked-')",
                "reason": "Forbidden",
                "message": "this status is locked",
            }
        ],
    },
}
BINDING: Final[dict[str, Any]] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {"name": "locked-statuses"},
    "spec": {"policyName": "locked-statuses", "validationActions": ["Deny"]},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    limits = {"concurrentAttempts": LOCKED}
    configuration = installation.write_configuration(world.configuration(limits=limits))
    async with Operator.run(installation, configuration) as running:
        yield await running.wait_leading()


@pytest_asyncio.fixture(loop_scope="module")
async def locked(plane: ControlPlane, scene: Scene) -> AsyncIterator[None]:
    """Have the API server refuse statuses, once a try shows that it does."""
    await asyncio.to_thread(plane.apply, POLICY, BINDING)
    await scene.apply(mailbox({**at(scene.world.server()), "suspend": True}, "locked-probe"))

    async def is_refused() -> bool:
        patch = {"status": {"observedGeneration": 1}}
        return not await scene.cluster.admits_status("locked-probe", patch, scene.namespace)

    await eventually(is_refused, within=30)
    yield
    names = ("validatingadmissionpolicybinding", "validatingadmissionpolicy")
    for kind in names:
        await asyncio.to_thread(plane.kubectl, "delete", kind, "locked-statuses")


@pytest.mark.usefixtures("locked")
async def test_a_status_that_is_refused_holds_no_slot_and_is_reported(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(password())
        for number in range(LOCKED):
            await scene.apply(mailbox(at(server), f"locked-{number}"))
            await scene.until_attempted(1, f"locked-{number}")

        for number in range(3):
            await scene.apply(mailbox(at(server), f"open-{number}"))
            await scene.until(connected(), f"open-{number}")

        async def told() -> set[str]:
            events = await scene.cluster.list("Event", scene.namespace)
            refused = (each for each in events if each["reason"] == "StatusNotWritten")
            return {event["involvedObject"]["name"] for event in refused}

        names = {f"locked-{number}" for number in range(LOCKED)}
        await eventually(told, lambda found: found >= names, 60, scene.operator.tail)

        async def counts() -> tuple[float, float]:
            figures = await scene.operator.metrics()
            names = ("statuses_unwritten", "attempts_in_flight")
            unwritten, flying = (figures[f"mailbox_operator_{name}"] for name in names)
            return unwritten, flying

        await eventually(counts, lambda found: found[0] >= LOCKED and found[1] == 0)
        assert (await scene.operator.get("/healthz"))[0] == 200
