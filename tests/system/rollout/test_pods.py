"""What the chart gives the operator's pods: rights, probes, network, the consent page."""

import asyncio
from collections import Counter
from http import HTTPStatus
from typing import Any, Final

import pytest
import pytest_asyncio

from lab.node.policy import Peer, Workload
from lab.stand.eventually import eventually
from lab.stand.manifests import at, mailbox, password
from lab.stand.standings import connected, retrying, summary
from mailbox_operator.cluster.shardleases import SHARDS_OF
from mailbox_operator.decide.cluster.shards import SHARDS
from system.rollout.helm import OPERATOR
from system.rollout.site import API_SERVER, INTERNET, Site

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

PAGE: Final = "https://mailboxes.platform.example/consent"
INGRESS: Final = Peer(
    "10.244.9.9", Workload("ingress", {}, {"kubernetes.io/metadata.name": "ingress"})
)
MONITORING: Final = Peer(
    "10.244.9.8", Workload("monitoring", {}, {"kubernetes.io/metadata.name": "monitoring"})
)
FROM_INGRESS: Final[list[Any]] = [
    {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}
]
EVERYTHING: Final[dict[str, Any]] = {
    "consent": {"ingress": {"enabled": True, "className": "nginx"}},
    "networkPolicy": {"consentFrom": FROM_INGRESS},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def installed(site: Site) -> Site:
    """The site, with an operator that has a consent page behind an Ingress."""
    config = {"consent": {"publicURL": PAGE}}
    (await site.install(config=config, **EVERYTHING)).well()
    return site


async def asked(
    site: Site, path: str, port: str = "http", source: Peer = INGRESS
) -> tuple[int, str]:
    """Ask the first pod."""
    url = await site.node.reach(site.pods()[0], port, source)
    async with site.node.ground.http.get(f"{url}{path}") as response:
        return response.status, await response.text()


async def test_both_replicas_are_ready_and_share_the_work(installed: Site) -> None:
    async def held() -> list[int]:
        leases = await installed.cluster.list("Lease", installed.operator.namespace)
        shards = [each for each in leases if SHARDS_OF in each["metadata"].get("labels", {})]
        return sorted(Counter(each["spec"].get("holderIdentity") for each in shards).values())

    await eventually(held, lambda found: found == [SHARDS // 2] * 2, 40, installed.logs)
    assert [pod.status.ready for pod in installed.pods()] == [True, True]


async def test_probes_and_metrics_are_where_the_chart_says(installed: Site) -> None:
    for path in ("/readyz", "/healthz"):
        assert (await asked(installed, path, source=MONITORING))[0] == HTTPStatus.OK
    assert "mailbox_operator_leader" in (await asked(installed, "/metrics", source=MONITORING))[1]


async def test_metrics_are_open_to_monitoring_and_to_nobody_else(installed: Site) -> None:
    with pytest.raises(ConnectionRefusedError):
        await asked(installed, "/metrics", source=INGRESS)


async def test_the_page_is_open_to_the_ingress_and_to_nobody_else(installed: Site) -> None:
    status, text = await asked(installed, "/consent/mailboxes/unknown", "consent")

    assert status == HTTPStatus.NOT_FOUND
    assert "<html" in text
    with pytest.raises(ConnectionRefusedError):
        await asked(installed, "/", "consent", Peer("203.0.113.9"))


async def test_a_pod_dials_the_api_server_and_mail_servers(installed: Site) -> None:
    async with installed.world.server() as server:
        await apply(installed, password(), mailbox(at(server)))
        await stands(installed, connected())

    dialled = {each.address for pod in installed.pods() for each in pod.wire.dialled}
    assert dialled == {API_SERVER, INTERNET}


async def test_the_pod_cannot_dial_what_the_policy_leaves_out(installed: Site) -> None:
    config = {"consent": {"publicURL": PAGE}}
    closed = {"outside": {"except": [f"{INTERNET}/32"]}, "consentFrom": FROM_INGRESS}
    values = installed.values(config=config, **EVERYTHING | {"networkPolicy": closed})
    (await installed.operator.upgrade(OPERATOR, values, "--wait", "--timeout=90s")).well()

    await restarted(installed)
    async with installed.world.server() as server:
        await apply(installed, password(), mailbox(at(server)))
        await stands(installed, retrying("ConnectionRefused"))
        assert server.connections == 0


async def test_the_api_server_refused_the_operator_nothing(installed: Site) -> None:
    forbidden = [x for x in installed.requests() if x.code == HTTPStatus.FORBIDDEN]

    assert installed.requests()
    assert forbidden == []


async def restarted(site: Site) -> None:
    """Have new pods: the node looks at policies when it starts one."""
    here = ("deployment/mailbox-operator", f"--namespace={site.operator.namespace}")
    old = {pod.spec.uid for pod in site.pods()}
    await asyncio.to_thread(site.cluster.plane.kubectl, "rollout", "restart", *here)

    async def left() -> set[str]:
        return old & {pod.spec.uid for pod in site.pods()}

    await eventually(left, lambda uids: not uids, within=60, tell=site.logs)


async def apply(site: Site, *objects: dict[str, Any]) -> None:
    for each in objects:
        await site.cluster.apply({**each, "metadata": {"namespace": "default", **each["metadata"]}})


async def stands(site: Site, expected: Any) -> None:
    async def look() -> Any:
        return summary(await site.cluster.find("Mailbox", "jane", "default"))

    await eventually(look, lambda seen: seen == expected, 20, site.logs)
