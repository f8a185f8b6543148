"""Nobody locks an owner out of the consent page: strangers, other tenants, and all at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import aiohttp
import pytest
import pytest_asyncio

from lab.controlplane.ports import free_ports
from lab.stand.consents import APP, with_page
from lab.stand.installation import Installation
from lab.stand.manifests import mailbox, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE
from lab.stand.standings import waiting
from lab.stand.world import World

pytestmark = [pytest.mark.cluster, pytest.mark.consent, pytest.mark.asyncio(loop_scope="module")]

STRANGER: Final = "192.0.2.66"
OWNER: Final = "198.51.100.7"
NEIGHBOUR: Final = "203.0.113.8"
LIMIT: Final = 10
OK, TOO_MANY = HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS


@dataclass(frozen=True, slots=True)
class Visitors:
    """People at the page, each behind one proxy that tells their address."""

    http: aiohttp.ClientSession

    async def click(self, link: str, address: str, cookie: str = "") -> HTTPStatus:
        """Click the button of a link."""
        headers = {"X-Forwarded-For": address}
        if cookie:
            headers["Cookie"] = f"mailbox-consent={cookie}"
        async with self.http.post(link, headers=headers) as answer:
            return HTTPStatus(answer.status)

    async def click_at_once(self, links: list[str], address: str) -> Counter[HTTPStatus]:
        """Click many buttons at the same time."""
        return Counter(await asyncio.gather(*(self.click(each, address) for each in links)))


@pytest_asyncio.fixture(loop_scope="module")
async def visitors() -> AsyncIterator[Visitors]:
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Visitors(http)


@pytest_asyncio.fixture(loop_scope="module")
async def replicas(
    world: World, installation: Installation
) -> AsyncIterator[tuple[Operator, list[str]]]:
    """Two replicas with the ordinary limits, and where each has its page."""
    ports = free_ports(2)
    async with AsyncExitStack() as opened:
        running = []
        for port in ports:
            page = with_page(world, port, ports[0])
            consent = {**page["consent"], "startsPerLink": LIMIT}
            path = installation.write_configuration({**page, "consent": consent})
            started = await opened.enter_async_context(Operator.run(installation, path))
            running.append(await started.wait_ready())
        yield running[0], [f"http://localhost:{port}" for port in ports]


async def links(scene: Scene, count: int) -> list[str]:
    """Declare mailboxes of one tenant that wait for consent; return their links."""
    await scene.apply(secret(APP, "app"))
    spec = GOOGLE | {"credentialsSecretRef": {"name": "app"}}
    names = [f"box-{number}" for number in range(count)]
    await scene.apply(*(mailbox(spec, name) for name in names))
    found = [await scene.until(waiting("AwaitingConsent"), name, within=60) for name in names]
    return [each["status"]["consentURL"] for each in found]


async def kept(scene: Scene) -> int:
    """Count the consents that are under way in the tenant's mailboxes."""
    uids = {
        each["metadata"]["uid"] for each in await scene.cluster.list("Mailbox", scene.namespace)
    }
    label = "mailbox-operator.io/authorization"
    found = await scene.cluster.list("Secret", scene.platform_namespace)
    return sum(each["metadata"].get("labels", {}).get(label) in uids for each in found)


async def test_a_stranger_with_a_link_does_not_lock_its_owner_out(
    world: World, replicas: tuple[Operator, list[str]], visitors: Visitors
) -> None:
    async with Scene.open(world, replicas[0]) as scene:
        (link,) = await links(scene, 1)
        flood = [await visitors.click(link, STRANGER) for _ in range(30)]

        owner = await visitors.click(link, OWNER)
        colleague = await visitors.click(link, STRANGER, cookie="c" * 43)

        assert Counter(flood)[TOO_MANY] >= len(flood) - LIMIT
        assert (owner, colleague) == (OK, OK)
        assert await kept(scene) == LIMIT


async def test_the_links_of_one_tenant_do_not_lock_the_owners_of_another_out(
    world: World, replicas: tuple[Operator, list[str]], visitors: Visitors
) -> None:
    async with (
        Scene.open(world, replicas[0]) as evil,
        Scene.open(world, replicas[0]) as good,
    ):
        own = await links(evil, 70)
        (link,) = await links(good, 1)
        flood = await visitors.click_at_once(own, NEIGHBOUR)

        owners = [await visitors.click(link, address) for address in (OWNER, NEIGHBOUR)]

        assert flood[TOO_MANY] > 30
        assert owners == [OK, OK]


async def test_forty_at_once_on_one_link_of_two_replicas_never_pass_its_limit(
    world: World, replicas: tuple[Operator, list[str]], visitors: Visitors
) -> None:
    operator, (first, second) = replicas
    async with Scene.open(world, operator) as scene:
        (link,) = await links(scene, 1)
        both = [link, link.replace(first, second)] * 20

        outcomes = await visitors.click_at_once(both, STRANGER)

        assert outcomes == {OK: LIMIT, TOO_MANY: 40 - LIMIT}
        assert await kept(scene) == LIMIT
