"""What is left of a limit stands in the status, and nobody is dialled or kept waiting for it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.smtp import SmtpServer
from lab.stand.cluster import Object
from lab.stand.eventually import eventually
from lab.stand.gateway_process import COMPLETED, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import ADDRESS, at, mailbox, secret, sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import Spec
from lab.stand.standings import available, capacity, connected, summary
from lab.stand.world import GOOD, World
from mailbox_operator.decide.sending.claims import ledger_of_address
from system.scenarios.sending.applications import application_of, gateway_section

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.sending,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

LIMIT: Final = 5
LOGIN: Final = secret({"username": ADDRESS, "password": "right"})
WITHIN, REACHED, UNCOUNTED = "True WithinLimits", "False LimitReached", "Unknown Uncounted"
OFTEN: Final = {"transient": ["1s", "2s"], "capacity": "1s"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(installation: Installation, world: World) -> AsyncIterator[Operator]:
    """An operator that looks every second at what was counted, and not every minute."""
    content = world.configuration(gateway=gateway_section(), intervals=OFTEN)
    async with Operator.run(installation, installation.write_configuration(content)) as running:
        yield await running.wait_leading()


@pytest_asyncio.fixture(loop_scope="module")
async def server(world: World) -> AsyncIterator[SmtpServer]:
    """A mail server whose one login may send as any address."""
    async with world.server(replace(GOOD, senders=None)) as running:
        yield running


def limited(server: SmtpServer, address: str, per_day: int) -> Spec:
    """Write a Mailbox that may send to so many recipients in 24 hours."""
    return at(server, sending={"perDay": per_day}) | {"address": address}


async def shown(scene: Scene, wanted: str, name: str = "jane") -> Object:
    """Wait until a Mailbox is connected and says this of its limit, by its present generation."""

    async def look() -> Object:
        return await scene.mailbox(name)

    await scene.until(connected(), name)
    return await eventually(look, lambda found: capacity(found) == wanted, 20, scene.operator.tail)


async def of_sender(scene: Scene, wanted: str) -> Object:
    """Wait until the Sender is available and says this of its limit."""

    async def look() -> Object:
        return await scene.cluster.find("Sender", "app", scene.namespace) or {}

    await scene.until_sender(available())
    return await eventually(look, lambda found: capacity(found) == wanted, 20, scene.operator.tail)


async def test_a_limit_that_is_reached_is_shown_and_ready_stays_true(
    scene: Scene, server: SmtpServer, gateway: Gateway
) -> None:
    spec = limited(server, "full@acme.example", LIMIT)
    await scene.apply(LOGIN, mailbox(spec), sender("jane"))
    await shown(scene, WITHIN)
    await of_sender(scene, WITHIN)
    application = await application_of(scene, gateway)

    sent = [(await application.send(f"joe{x}@other.example"))[0] for x in range(LIMIT + 1)]
    found = [await shown(scene, REACHED), await of_sender(scene, REACHED)]

    assert sent == [*[COMPLETED] * LIMIT, 450]
    for each in found:
        counted = each["status"]["capacity"]
        assert counted.pop("nextAt")
        assert counted == {"limit": LIMIT, "used": LIMIT, "available": 0}
    assert summary(found[0]) == connected()


async def test_an_edit_loses_nothing_and_a_higher_limit_makes_room(
    scene: Scene, server: SmtpServer, gateway: Gateway
) -> None:
    spec = limited(server, "more@acme.example", 1)
    await scene.apply(LOGIN, mailbox(spec), sender("jane"))
    await shown(scene, WITHIN)
    application = await application_of(scene, gateway)
    assert (await application.send())[0] == COMPLETED
    full = await shown(scene, REACHED)

    await scene.apply(mailbox(spec | {"checkInterval": "9m"}))
    await scene.until_attempted(2)
    edited = await scene.until(connected())
    assert (capacity(edited), edited["status"]["capacity"]) == (REACHED, full["status"]["capacity"])

    await scene.apply(mailbox(limited(server, "more@acme.example", 10)))
    raised = await shown(scene, WITHIN)
    assert raised["status"]["capacity"] == {"limit": 10, "used": 1, "available": 9}
    await of_sender(scene, WITHIN)


async def test_what_is_shown_asks_for_no_attempt(
    scene: Scene, server: SmtpServer, gateway: Gateway
) -> None:
    await scene.apply(LOGIN, mailbox(limited(server, "calm@acme.example", 1)), sender("jane"))
    await shown(scene, WITHIN)
    application = await application_of(scene, gateway)
    before = len(scene.attempts())

    assert (await application.send())[0] == COMPLETED
    await shown(scene, REACHED)
    await scene.apply(mailbox(limited(server, "other@acme.example", 1), "later"))
    await shown(scene, WITHIN, "later")

    assert len(scene.attempts()) == before
    assert scene.operator.lines("another writer changed a status") == []


async def test_a_damaged_count_is_said_to_be_unknown(
    scene: Scene, server: SmtpServer, gateway: Gateway, installation: Installation
) -> None:
    address = "odd@acme.example"
    await scene.apply(LOGIN, mailbox(limited(server, address, 2)), sender("jane"))
    await shown(scene, WITHIN)
    application = await application_of(scene, gateway)
    assert (await application.send())[0] == COMPLETED

    damaged = {"data": {"ledger": "nothing that was counted"}}
    name = ledger_of_address(address)
    await scene.cluster.merge("ConfigMap", name, damaged, installation.namespace)

    found = await shown(scene, UNCOUNTED)
    assert "capacity" not in found["status"]
    (said,) = {each["error"] for each in scene.operator.lines("ledger damaged")}
    assert said == f"ConfigMap {name} is damaged: delete it to count from zero again"


async def test_a_mailbox_without_a_limit_says_nothing_of_capacity(
    scene: Scene, server: SmtpServer, gateway: Gateway
) -> None:
    await scene.apply(LOGIN, mailbox(limited(server, "free@acme.example", 1)), sender("jane"))
    await shown(scene, WITHIN)
    await of_sender(scene, WITHIN)

    await scene.apply(mailbox(at(server) | {"address": "free@acme.example"}))

    assert "capacity" not in (await shown(scene, ""))["status"]
    assert "capacity" not in (await of_sender(scene, ""))["status"]
