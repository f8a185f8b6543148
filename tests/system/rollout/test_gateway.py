"""The gateway as the chart installs it: its pods, Service and network, an upgrade, and the switch."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.controlplane.kubectl import KubectlError
from lab.node.image import Image
from lab.node.node import OUTSIDE
from lab.node.pod import Pod
from lab.node.policy import Peer, Workload
from lab.node.spec import Security
from lab.node.workloads import image_of
from lab.stand.eventually import eventually
from lab.stand.exposition import total
from lab.stand.standings import available, unconnected, waiting
from system.rollout.courier import BROKEN, COMPLETED, Courier, Queue, subjects
from system.rollout.sending import APPLICATION, GATEWAY, GOOGLE_ADDRESS, Sending
from system.rollout.site import Site, destinations

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

STRANGER: Final = Peer("10.244.9.6", Workload("other", {"app": "shop"}))
MONITORING: Final = Peer(
    "10.244.9.8", Workload("monitoring", {}, {"kubernetes.io/metadata.name": "monitoring"})
)
SUBMISSION: Final = ("submission", "submissions")


@pytest.fixture(scope="module")
def image(image_tree: Path) -> Image:
    """The image with what its Dockerfile leaves of the packages."""
    return image_of(image_tree)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sending(site: Site) -> AsyncIterator[Sending]:
    """The first install that the cluster has seen, with a gateway and a tenant that sends."""
    async with Sending.open(site) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rotated(sending: Sending) -> bytes:
    """Bring another certificate while the gateways run; return the one that they have served."""
    async with sending.port() as port:
        served = await (await sending.courier(port)).certificate()
    await sending.bring_certificate()
    return served


async def test_operator_and_gateways_are_ready_and_as_restricted_as_the_chart_says(
    sending: Sending, image: Image
) -> None:
    pods = [*sending.site.pods(), *sending.site.gateways()]

    assert [(pod.status.ready, pod.status.restarts) for pod in pods] == [(True, 0)] * 3
    assert {
        Security.parse(pod.spec.pod["spec"]["securityContext"], pod.spec.container, image)
        for pod in pods
    } == {Security(65532, 65532, files_group=False, read_only_root=True)}


async def test_the_certificate_that_was_brought_is_the_one_that_applications_meet(
    sending: Sending, rotated: bytes
) -> None:
    assert rotated == ssl.PEM_cert_to_DER_cert(sending.pairs[0].cert.decode())
    assert (await sending.login())["certificates"] == sending.authority.ca_pem.decode()


@pytest.mark.parametrize("name", SUBMISSION)
async def test_each_port_of_the_service_leads_to_both_gateways(sending: Sending, name: str) -> None:
    before = await logins(sending.site)

    async with sending.port(name) as port:
        courier = await sending.courier(port, is_tls=name == "submissions")
        replies = [await courier.send() for _ in range(4)]

    assert [code for code, _ in replies] == [COMPLETED] * 4
    wanted = [count + 2 for count in before]
    await eventually(lambda: logins(sending.site), lambda seen: seen == wanted)


async def test_a_gateway_sends_by_token_and_dials_no_sign_in_service(sending: Sending) -> None:
    async with sending.port() as port:
        crm = await sending.courier(port, "crm")
        await eventually(lambda: crm.send("by token"), lambda reply: reply[0] == COMPLETED)

    google = sending.site.world.google
    assert "by token" in subjects(google.messages)
    assert google.attempts[-1].sender == GOOGLE_ADDRESS
    dialled = {each.port for pod in sending.site.gateways() for each in pod.wire.dialled}
    assert google.port in dialled
    assert dialled <= {api(sending.site), google.port, sending.server.port}


async def test_a_gateway_may_dial_mail_servers_and_the_api_server_and_nothing_else(
    sending: Sending,
) -> None:
    world = sending.site.world
    mail = {*world.ports, world.google.port, world.outlook.port}

    for pod in sending.site.gateways():
        assert {each.port for each in pod.wire.allowed} == mail | {api(sending.site)}


@pytest.mark.parametrize(
    ("source", "ports"),
    [
        pytest.param(APPLICATION, SUBMISSION, id="an application of a labelled namespace"),
        pytest.param(MONITORING, ("http",), id="monitoring"),
        pytest.param(STRANGER, (), id="a pod of another namespace"),
        pytest.param(OUTSIDE, (), id="a peer outside of the cluster"),
    ],
)
async def test_a_peer_reaches_the_ports_of_a_gateway_that_are_meant_for_it(
    sending: Sending, source: Peer, ports: tuple[str, ...]
) -> None:
    (pod, _), open_ports = sending.site.gateways(), []
    for name in pod.spec.ports:
        try:
            await sending.site.node.door(pod, name, source)
        except ConnectionRefusedError:
            continue
        open_ports.append(name)

    assert sorted(open_ports) == sorted(ports)


async def test_a_pod_that_may_not_send_has_no_connection(sending: Sending) -> None:
    async with sending.port(source=STRANGER) as port:
        assert (await (await sending.courier(port)).send())[0] == BROKEN


async def test_a_certificate_that_was_renewed_is_served_without_a_restart(
    sending: Sending, rotated: bytes
) -> None:
    wanted = ssl.PEM_cert_to_DER_cert(sending.pairs[-1].cert.decode())
    async with sending.port("submissions") as port:
        courier = await sending.courier(port, is_tls=True)

        async def met() -> set[bytes]:
            return {await courier.certificate() for _ in range(2)}

        await eventually(met, lambda seen: seen == {wanted}, within=60)

    assert rotated != wanted
    assert [pod.status.restarts for pod in sending.site.gateways()] == [0, 0]


async def test_a_rolling_upgrade_loses_and_doubles_no_message_that_was_acknowledged(
    sending: Sending,
) -> None:
    server, old = sending.server, sending.site.gateways()
    server.behaviour = replace(server.behaviour, latency_seconds=0.05)
    async with sending.port() as port, sending.port("submissions") as tls_port:
        shop = await sending.courier(port)
        lasting = replace(shop, lasts=True)
        secure = Courier(shop.login, tls_port, is_tls=True)
        async with Queue.of(shop, lasting, secure) as queue:
            await queue.until_taken(10)
            await sending.upgrade(podAnnotations={"revision": "2"})
            await sending.until_gone(old)
            await queue.until_taken(10)

    sent = [each for each in subjects(server.messages) if each.startswith("message ")]
    assert sent == sorted(queue.taken)
    assert len(sent) == len(set(sent))
    assert queue.replies[BROKEN] == 0


async def test_a_drain_takes_one_gateway_at_a_time(sending: Sending) -> None:
    first, second = sending.site.gateways()

    await asyncio.to_thread(evict, sending.site, first)
    with pytest.raises(KubectlError, match="disruption budget"):
        await asyncio.to_thread(evict, sending.site, second)

    await sending.until_gone([first])
    assert second in sending.site.gateways()


async def test_the_gateway_goes_with_its_switch_and_logins_stay_as_they_were(
    sending: Sending,
) -> None:
    before = await sending.login()

    await sending.upgrade(gateway={**GATEWAY, "enabled": False})
    await sending.until("shop", unconnected(waiting("GatewayUnavailable")))
    (await sending.tenant.upgrade(sending.mailboxes("shop", "late"))).well()
    await sending.until("late", unconnected(waiting("GatewayUnavailable")))

    assert await sending.installed() == []
    assert not sending.may_write_secrets()
    assert await sending.login() == before
    assert await sending.secret("late") == {}


async def test_the_switch_brings_the_gateway_back_and_every_sender_has_its_login(
    sending: Sending,
) -> None:
    before = await sending.login()

    await sending.upgrade(gateway={"enabled": True, "from": GATEWAY["from"]})
    for name in ("shop", "late", "crm"):
        await sending.until(name, available())
    async with sending.port() as port:
        replies = [await (await sending.courier(port, name)).send() for name in ("shop", "late")]

    assert [code for code, _ in replies] == [COMPLETED, COMPLETED]
    assert (await sending.login())["password"] == before["password"]
    assert len(await sending.installed()) > 5
    assert sending.may_write_secrets()


def evict(site: Site, pod: Pod) -> None:
    """Ask a pod to leave its node, as a drain does."""
    place = {"name": pod.spec.name, "namespace": pod.spec.namespace}
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": place}
    path = f"/api/v1/namespaces/{pod.spec.namespace}/pods/{pod.spec.name}/eviction"
    site.cluster.plane.kubectl("create", f"--raw={path}", "-f", "-", input=json.dumps(eviction))


async def logins(site: Site) -> list[float]:
    """Read how many logins each gateway has seen."""
    counted = []
    for pod in site.gateways():
        url = await site.node.reach(pod, "http", MONITORING)
        async with site.node.ground.http.get(f"{url}/metrics") as response:
            counted.append(total(await response.text(), "mailbox_gateway_logins_total"))
    return counted


def api(site: Site) -> int:
    """Name the port of the API server."""
    return destinations(site.cluster, site.world)[0].port
