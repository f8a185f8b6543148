"""A consent outlives the process it was begun in, and may be finished by another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from lab.browser.person import Person
from lab.controlplane.ports import free_ports
from lab.stand.consents import awaiting, with_page
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected
from lab.stand.world import World

pytestmark = [pytest.mark.cluster, pytest.mark.consent, pytest.mark.asyncio(loop_scope="module")]


@asynccontextmanager
async def running(
    world: World, installation: Installation, port: int, public_port: int
) -> AsyncIterator[Operator]:
    """Run one replica; its configuration differs from the others' by a port alone."""
    configuration = installation.write_configuration(with_page(world, port, public_port))
    async with Operator.run(installation, configuration) as operator:
        yield await operator.wait_ready()


@pytest.mark.parametrize("finishing", ["the leader", "the follower"])
async def test_two_replicas_share_a_consent(
    world: World, installation: Installation, person: Person, finishing: str
) -> None:
    first_port, second_port = free_ports(2)
    public = first_port if finishing == "the leader" else second_port
    other = second_port if finishing == "the leader" else first_port
    async with running(world, installation, first_port, public) as first:
        await first.wait_leading()
        async with (
            running(world, installation, second_port, public),
            Scene.open(world, first) as scene,
        ):
            url = await awaiting(scene)

            await person.begins(url.replace(str(public), str(other)))
            await person.allows()

            await scene.until(connected())
            assert str(public) in person.page.url


async def test_an_operator_that_was_killed_meanwhile_completes_the_consent(
    world: World, installation: Installation, person: Person
) -> None:
    (port,) = free_ports(1)
    async with (
        running(world, installation, port, port) as first,
        Scene.open(world, first) as scene,
    ):
        await person.begins(await awaiting(scene))
        await first.kill()
        async with running(world, installation, port, port) as second:
            scene.operator = second
            await person.allows()

            await person.sees("Connected")
            await scene.until(connected(), within=30)  # the Lease of the dead one runs out first


async def test_an_operator_that_was_killed_amid_the_exchange_lets_the_person_try_again(
    world: World, installation: Installation, person: Person
) -> None:
    (port,) = free_ports(1)
    async with (
        running(world, installation, port, port) as first,
        Scene.open(world, first) as scene,
    ):
        await person.begins(await awaiting(scene))
        back = await person.allows_and_is_robbed()
        world.oauth.behaviour = replace(world.oauth.behaviour, latency_seconds=3)
        before = world.oauth.requests["authorization_code"]
        async with asyncio.TaskGroup() as group:
            group.create_task(person.is_cut_off(back))

            async def exchanges() -> int:
                return world.oauth.requests["authorization_code"]

            await eventually(exchanges, lambda count: count > before, tell=first.tail)
            await first.kill()
        world.oauth.behaviour = replace(world.oauth.behaviour, latency_seconds=0)
        async with running(world, installation, port, port) as second:
            scene.operator = second
            await person.page.goto(back)
            await person.sees("This was done already")
            await person.page.get_by_role("link", name="Go to the mailbox").click()
            await person.allows("Continue to Google")
            await person.allows()

            await person.sees("Connected")
            await scene.until(connected(), within=30)


async def test_a_consent_survives_a_restart_of_the_api_server(
    world: World, installation: Installation, person: Person
) -> None:
    (port,) = free_ports(1)
    async with (
        running(world, installation, port, port) as operator,
        Scene.open(world, operator) as scene,
    ):
        await person.begins(await awaiting(scene))
        installation.cluster.plane.restart_api_server()
        await person.allows()

        await person.sees("Connected")
        await scene.until(connected(), within=30)


async def test_the_grant_of_a_mailbox_deleted_while_no_operator_runs_is_revoked(
    world: World, installation: Installation, person: Person
) -> None:
    (port,) = free_ports(1)
    async with (
        running(world, installation, port, port) as first,
        Scene.open(world, first) as scene,
    ):
        await first.wait_leading()  # the Lease of one that was killed before runs out first
        await person.begins(
            await awaiting(scene, address="away@acme.example")
        )  # of this test alone
        await person.allows()
        found = await scene.until(connected())
        await first.terminate()
        before = set(world.oauth.ledger.revocations)
        await scene.cluster.delete("Mailbox", "jane", scene.namespace)
        async with running(world, installation, port, port) as second:
            scene.operator = second
            name = f"mailbox-grant-{found['metadata']['uid']}"

            async def kept() -> bool:
                place = scene.platform_namespace
                return await scene.cluster.find("Secret", name, place) is not None

            await eventually(kept, lambda is_kept: not is_kept, tell=second.tail)
    assert len(set(world.oauth.ledger.revocations) - before) == 1
