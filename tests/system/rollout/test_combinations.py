"""All six combinations of provider and infrastructure, by the image and the two charts alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from lab.browser.chromium import chromium
from lab.browser.person import Person
from lab.controlplane.ports import free_ports
from lab.node.image import Image
from lab.node.policy import Peer, Workload
from lab.node.sandbox import copy
from lab.node.workloads import image_of
from lab.servers.smtp import SmtpServer
from lab.stand.manifests import secret
from lab.stand.standings import connected, waiting
from lab.stand.world import GOOD
from system.rollout.site import Site

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

APP: Final = {"client-id": "app", "client-secret": "hush"}
NAMES: Final = tuple(
    f"{who}-{how}" for who in ("google", "outlook", "smtp") for how in ("private", "managed")
)
CONSENTING: Final = {"google-managed": "Allow", "outlook-managed": "Accept"}
SERVER: Final = replace(
    GOOD,
    accounts={f"smtp-{how}@acme.example": "right" for how in ("private", "managed")},
    senders=None,
)
INGRESS: Final = Peer(
    "10.244.9.9", Workload("ingress", {}, {"kubernetes.io/metadata.name": "ingress"})
)


@pytest.fixture(scope="module")
def image(image_tree: Path) -> Image:
    """The image with what its Dockerfile leaves of the packages."""
    return image_of(image_tree)


def platform(server: SmtpServer) -> dict[str, Any]:
    """What the platform offers under Managed: an app at each provider, and a preset."""
    preset = {"name": "Own", "host": "localhost", "port": server.port, "domains": ["acme.example"]}
    client = {"clientSecretRef": {"name": "app"}}
    return {"default": {"google": client, "outlook": client, "presets": [preset]}}


def tenant(server: SmtpServer) -> dict[str, Any]:
    """Have a mailbox of each combination."""
    own: dict[str, dict[str, Any]] = {
        "google-private": {"credentials": APP | {"refresh-token": "google-private"}},
        "outlook-private": {
            "credentials": APP
            | {"refresh-token": "outlook-private", "tenant-id": "contoso.example"}
        },
        "smtp-private": {
            "credentials": {"password": "right"},
            "smtp": {"host": "localhost", "port": server.port},
        },
        "smtp-managed": {"credentials": {"password": "right"}},
    }
    return {"mailboxes": {name: described(name) | own.get(name, {}) for name in NAMES}}


def described(name: str) -> dict[str, Any]:
    provider, _, infrastructure = name.partition("-")
    spelled = {"google": "Google", "outlook": "Outlook", "smtp": "SMTP"}[provider]
    address = f"{name}@acme.example"
    return {"address": address, "provider": spelled, "infrastructure": infrastructure.capitalize()}


@asynccontextmanager
async def published(site: Site, port: int) -> AsyncIterator[None]:
    """Lead a port of this machine to the consent page of some replica, as an ingress does."""
    passed = set[asyncio.Task[None]]()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            way = urlsplit(await site.node.reach(site.pods()[-1], "consent", INGRESS))
            far_reader, far_writer = await asyncio.open_connection(way.hostname, way.port)
            with closing(far_writer):
                await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(pass_on(reader, writer))
        passed.add(task)
        task.add_done_callback(passed.discard)

    async with await asyncio.start_server(accept, "127.0.0.1", port):
        yield
        for task in passed:  # a browser leaves connections open
            task.cancel()
        await asyncio.gather(*passed, return_exceptions=True)


async def test_all_six_combinations_connect(site: Site) -> None:
    (port,) = free_ports(1)
    url, world = f"http://localhost:{port}", site.world
    world.oauth.behaviour = replace(
        world.oauth.behaviour, screens=True, redirect_uris=[f"{url}/callback"]
    )
    for name in ("google-private", "outlook-private"):
        world.grant(name, f"{name}@acme.example")
    acme = site.tenant()
    async with world.server(SERVER) as server, published(site, port):
        page, offer = {"consent": {"publicURL": url}}, platform(server)
        (await site.install(secret(APP, "app"), config=page, managedInfrastructures=offer)).well()
        (await acme.install(tenant(server))).well()
        for name, button in CONSENTING.items():
            found = await acme.until(waiting("AwaitingConsent"), name)
            async with chromium() as browser, Person.of(browser) as owner:
                await owner.begins(found["status"]["consentURL"])
                await owner.allows(button)
                await owner.sees("Connected")

        (await acme.upgrade(tenant(server), "--wait", "--timeout=60s")).well()

    for name in NAMES:
        await acme.until(connected(), name, within=0)
    assert [each for each in site.requests() if each.code == HTTPStatus.FORBIDDEN] == []
