"""`helm --wait` tells the truth about mailboxes, because their status speaks kstatus."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import pytest
import pytest_asyncio

from lab.servers.smtp import Mischief, SmtpServer, Stage
from lab.stand.eventually import eventually
from lab.stand.standings import connected, retrying
from lab.stand.world import ADDRESS, GOOD
from system.rollout.site import Site, Tenant

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

PATIENT: Final = ("--wait", "--timeout=60s")
HASTY: Final = ("--wait", "--timeout=5s")
SILENT: Final = replace(GOOD, mischief={Stage.AUTH: Mischief.HANG})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(site: Site) -> Site:
    """The site, with the operator installed by its chart."""
    (await site.install()).well()
    return site


@pytest_asyncio.fixture(loop_scope="module")
async def tenant(operator: Site) -> AsyncIterator[Tenant]:
    opened = operator.tenant()
    yield opened
    (await opened.helm.uninstall("--wait", "--timeout=30s", "--ignore-not-found")).well()


def values(*servers: SmtpServer, word: str = "right", **more: Any) -> dict[str, Any]:
    """Write a tenant's values: one mailbox for each server."""
    mailboxes = {
        f"jane-{number}": {
            "credentials": {"username": ADDRESS, "password": word},
            "smtp": {
                "host": "localhost",
                "port": server.port,
                "security": server.behaviour.security.value,
            },
        }
        for number, server in enumerate(servers)
    }
    shared = {"address": ADDRESS, "provider": "SMTP", "infrastructure": "Private"}
    return {"defaults": shared, "mailboxes": mailboxes, **more}


async def test_helm_wait_succeeds_when_all_mailboxes_are_connected(tenant: Tenant) -> None:
    async with tenant.site.world.server() as one, tenant.site.world.server() as other:
        (await tenant.install(values(one, other), *PATIENT)).well()

        await tenant.until(connected(), "jane-0", within=0)
        await tenant.until(connected(), "jane-1", within=0)


async def test_helm_wait_fails_within_seconds_and_names_who_needs_a_person(tenant: Tenant) -> None:
    async with tenant.site.world.server() as one, tenant.site.world.server() as other:
        wrong = values(one, other)
        wrong["mailboxes"]["jane-1"]["credentials"]["password"] = "wrong"
        outcome = await tenant.install(wrong, *PATIENT)

    assert outcome.status != 0
    assert outcome.seconds < 30, "it waited for the end of its patience"
    assert "The username or password was refused by localhost" in outcome.said
    assert "correct `username` and `password` in Secret jane-1" in outcome.said


async def test_the_next_upgrade_repairs_a_failed_release(tenant: Tenant) -> None:
    async with tenant.site.world.server() as server:
        failed = await tenant.install(values(server, word="wrong"), *PATIENT)
        (await tenant.upgrade(values(server), *PATIENT)).well()

    assert failed.status != 0


async def test_helm_waits_for_a_mailbox_that_reconnects_automatically(tenant: Tenant) -> None:
    server = tenant.site.world.server()
    installing = asyncio.create_task(tenant.install(values(server), *PATIENT))
    await tenant.until(retrying("ProviderUnavailable"), "jane-0")  # a pod's wire hangs up on it
    assert not installing.done()

    async with server:
        (await installing).well()


async def test_helm_wait_never_succeeds_on_the_status_of_an_older_spec(tenant: Tenant) -> None:
    world = tenant.site.world
    async with world.server() as server, world.server(SILENT) as silent:
        (await tenant.install(values(server), *PATIENT)).well()

        outcome = await tenant.upgrade(values(silent), *HASTY)

    assert outcome.status != 0
    assert "jane-0 not ready" in outcome.said


async def test_helm_wait_never_succeeds_while_no_operator_runs(tenant: Tenant) -> None:
    site = tenant.site
    async with site.world.server() as server:
        (await tenant.install(values(server), *PATIENT)).well()
        await scale(site, 0)
        try:
            await tenant.until(connected(), "jane-0", within=0)
            changed = values(server) | {
                "defaults": values(server)["defaults"] | {"displayName": "J"}
            }
            upgraded = await tenant.upgrade(changed, *HASTY)
            newcomer = site.tenant()
            installed = await newcomer.install(values(server), *HASTY)
            gone = await newcomer.helm.uninstall("--wait", "--timeout=20s")
        finally:
            await scale(site, 2)

    assert [upgraded.status, installed.status] == [1, 1]
    assert "generation is 2, but latest observed generation is 1" in upgraded.said
    assert "generation is 1, but latest observed generation is -1" in installed.said
    assert gone.status == 0, "an uninstall hangs without an operator"


async def scale(site: Site, replicas: int) -> None:
    """Have so many pods of the operator, and wait until it is so."""
    place = f"--namespace={site.operator.namespace}"
    order = ("scale", "deployment/mailbox-operator", f"--replicas={replicas}", place)
    await asyncio.to_thread(site.cluster.plane.kubectl, *order)

    async def ready() -> int:
        return len([pod for pod in site.pods() if pod.status.ready])

    await eventually(ready, lambda count: count == replicas, within=60, tell=site.logs)
