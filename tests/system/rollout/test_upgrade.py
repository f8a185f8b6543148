"""From one version of the operator's chart to the next: no status is lost, and nobody is dialled."""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from lab.servers.smtp import SmtpServer
from lab.stand.cluster import Object
from lab.stand.eventually import eventually
from lab.stand.world import GOOD
from system.rollout.helm import OPERATOR, Outcome
from system.rollout.site import Site, Tenant

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

TEAM: Final = tuple(f"member-{number}" for number in range(20))
SERVER: Final = replace(
    GOOD, accounts={f"{name}@acme.example": "right" for name in TEAM}, senders=None
)


def values(server: SmtpServer, *names: str) -> dict[str, Any]:
    shared = {
        "provider": "SMTP",
        "infrastructure": "Private",
        "checkInterval": "24h",
        "credentials": {"password": "right"},
        "smtp": {"host": "localhost", "port": server.port, "security": "STARTTLS"},
    }
    mailboxes = [{"name": name, "address": f"{name}@acme.example"} for name in names]
    return {"defaults": shared, "mailboxes": mailboxes}


async def standing(tenant: Tenant) -> dict[str, Object]:
    """Read the status of every mailbox, and the version it was written at."""
    found = await tenant.site.cluster.list("Mailbox", tenant.helm.namespace)
    return {
        x["metadata"]["name"]: x["status"] | x["metadata"] | {"managedFields": 0} for x in found
    }


def next_version(folder: Path) -> Path:
    """Copy the chart, and call it the next version."""
    chart = Path(shutil.copytree(OPERATOR, folder / "mailbox-operator"))
    about = chart / "Chart.yaml"
    about.write_text(about.read_text().replace("ersion: 0.1.0", "ersion: 0.2.0"))
    return chart


async def test_an_upgrade_and_a_rollback_lose_no_status_and_dial_nobody(
    site: Site, tmp_path: Path
) -> None:
    wait = ("--wait", "--timeout=90s")
    (await site.install()).well()

    async def upgrade() -> Outcome:
        return await site.operator.upgrade(next_version(tmp_path), site.values(), *wait)

    async def roll_back() -> Outcome:
        return await site.operator.run("rollback", "mailbox-operator", *wait)

    await prove_calm(site, upgrade)
    await prove_calm(site, roll_back)


async def prove_calm(site: Site, replace_pods: Callable[[], Awaitable[Outcome]]) -> None:
    """Have all pods replaced while a team is connected: only who comes after that is dialled."""
    tenant = site.tenant()
    async with site.world.server(SERVER) as server:
        (await tenant.install(values(server, *TEAM), "--wait", "--timeout=60s")).well()
        before, old = await standing(tenant), {pod.spec.uid for pod in site.pods()}
        dialled = server.connections

        (await replace_pods()).well()
        await until_gone(site, old)
        more = values(server, *TEAM)
        more["mailboxes"].append({"name": "newcomer", "address": "member-0@acme.example"})
        (await tenant.upgrade(more, "--wait", "--timeout=60s")).well()
        after = await standing(tenant)

        assert {name: after[name] for name in TEAM} == before
        assert server.connections == dialled + 1
        assert server.most_open_of_one_user == 1


async def until_gone(site: Site, old: set[str]) -> None:
    """Wait until none of these pods is left: whoever leads from now on is new."""

    async def here() -> set[str]:
        return {pod.spec.uid for pod in site.pods()}

    await eventually(here, lambda uids: not uids & old, within=45, tell=site.logs)
