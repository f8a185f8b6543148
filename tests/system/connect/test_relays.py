"""The platform's relay gets few sessions at once, and is not asked again what it said lately."""

import asyncio
from dataclasses import replace

import pytest

from lab.attempts import refusal, until
from lab.servers.authority import Authority
from lab.servers.smtp import SmtpServer, Stage
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.relays import (
    ACCEPTED_SECONDS,
    LOGIN_REFUSED_SECONDS,
    SENDER_REFUSED_SECONDS,
    Relays,
)
from mailbox_operator.decide.declared.infrastructure import Offer, Relay
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Kind
from mailbox_operator.places import Places
from system.connect.cases import GOOD, JANE, JOE, PASSWORD, case, endpoint, smtp
from system.connect.conftest import Serve
from system.connect.oauth import World
from unit import make

OPEN = replace(GOOD, senders=None)
LONG = 30.0


def platform(world: World, places: Places | None = None) -> PlatformConnector:
    world.secrets.content["platform", "relay"] = {"username": JANE, "password": PASSWORD}
    relays = Relays(world.clock, places or Places(5, LONG))
    parts = (world.trust, world.secrets, world.apps, relays)
    return PlatformConnector(smtp(), *parts)


def managed(server: SmtpServer, address: str = JANE, namespace: str = "evil") -> Case:
    made = case(offer=Offer(relay=Relay(endpoint(server), "relay", None)), address=address)
    key = Key(Kind.MAILBOX, namespace, address)
    return replace(made, mailbox=replace(made.mailbox, key=key))


def someone(number: int) -> str:
    return f"someone{number}@acme.example"


async def test_a_thousand_mailboxes_do_not_log_in_at_once(serve: Serve, world: World) -> None:
    server, connector = await serve(replace(OPEN, latency_seconds=0.01)), platform(world)

    await asyncio.gather(*(connector.relay(managed(server, someone(n))) for n in range(30)))

    assert (server.most_open, server.auths) == (3, 30)


async def test_another_namespace_finds_room_at_the_relay(serve: Serve, world: World) -> None:
    server, connector = await serve(replace(OPEN, latency_seconds=0.05)), platform(world)
    greedy = [asyncio.create_task(connector.relay(managed(server, someone(n)))) for n in range(20)]
    await until(lambda: server.connections == 3)

    await connector.relay(managed(server, JOE, "honest"))

    assert server.auths < 10
    await asyncio.gather(*greedy)


async def test_a_relay_without_a_free_place_is_not_blamed(serve: Serve, world: World) -> None:
    server, connector = await serve(OPEN), platform(world, Places(1, 0.01))

    async with connector.relays.places.one("evil"):
        with pytest.raises(Postponed):
            await connector.relay(managed(server))


async def test_a_sender_that_was_accepted_is_not_asked_about_again(
    serve: Serve, world: World
) -> None:
    server, connector = await serve(OPEN), platform(world)

    for _ in range(10):
        await connector.relay(managed(server))
    world.clock.seconds += ACCEPTED_SECONDS - 1
    await connector.relay(managed(server))

    assert server.auths == 1


async def test_many_of_one_address_ask_once(serve: Serve, world: World) -> None:
    server, connector = await serve(replace(OPEN, latency_seconds=0.01)), platform(world)

    await asyncio.gather(*(connector.relay(managed(server)) for _ in range(20)))

    assert server.auths <= 3


async def test_a_sender_is_asked_about_again_after_ten_minutes(serve: Serve, world: World) -> None:
    server, connector = await serve(OPEN), platform(world)
    await connector.relay(managed(server))
    world.clock.seconds += ACCEPTED_SECONDS

    await connector.relay(managed(server))

    assert server.auths == 2


async def test_a_refused_sender_is_asked_about_again_after_a_minute(
    serve: Serve, world: World
) -> None:
    server, connector = await serve(), platform(world)
    faults = [await refusal(connector.relay(managed(server, JOE))) for _ in range(10)]
    server.behaviour = OPEN
    world.clock.seconds += SENDER_REFUSED_SECONDS

    await connector.relay(managed(server, JOE))

    assert {each.reason for each in faults} == {Reason.RELAY_REFUSED_SENDER}
    assert server.auths == 2


async def test_a_passing_trouble_is_not_remembered(serve: Serve, world: World) -> None:
    later = replace(OPEN, replies={Stage.MAIL: b"451 Later"})
    server, connector = await serve(later), platform(world)
    await refusal(connector.relay(managed(server)))
    server.behaviour = OPEN

    await connector.relay(managed(server))

    assert server.auths == 2


async def test_a_refused_login_is_offered_again_after_an_hour(serve: Serve, world: World) -> None:
    server, connector = await serve(replace(OPEN, accounts={})), platform(world)
    for number in range(10):
        await refusal(connector.relay(managed(server, someone(number))))
    world.clock.seconds += LOGIN_REFUSED_SECONDS

    await refusal(connector.relay(managed(server)))

    assert server.auths == 2


async def test_an_infrastructure_that_changed_is_asked_anew(serve: Serve, world: World) -> None:
    server, connector = await serve(OPEN), platform(world)
    before = managed(server)
    assert before.infrastructure is not None
    await connector.relay(before)

    changed = replace(before.infrastructure, generation=2)
    await connector.relay(replace(before, infrastructure=changed))

    assert server.auths == 2


@pytest.mark.parametrize("login", [(JOE, PASSWORD), (JANE, "another")])
async def test_a_relay_whose_login_changed_is_asked_anew(
    serve: Serve, world: World, login: tuple[str, str]
) -> None:
    server, connector = await serve(OPEN), platform(world)
    await connector.relay(managed(server))
    username, password = login
    world.secrets.content["platform", "relay"] = {"username": username, "password": password}
    server.behaviour = replace(OPEN, accounts={username: password})

    await connector.relay(managed(server))

    assert server.auths == 2


async def test_a_relay_whose_authority_changed_is_asked_anew(serve: Serve, world: World) -> None:
    own = Authority("The relay's own")
    server, connector = await serve(OPEN, own.server_context()), platform(world)
    offer = Offer(relay=Relay(endpoint(server), "relay", "ca"))
    world.secrets.content["platform", "ca"] = {"ca.crt": own.ca_pem.decode()}
    await connector.relay(case(offer=offer))
    world.secrets.content["platform", "ca"] = {"ca.crt": Authority().ca_pem.decode()}

    fault = await refusal(connector.relay(case(offer=offer)))

    assert fault.facts["trouble"] == "TlsVerificationFailed"


async def test_the_infrastructures_own_check_asks_in_any_case(serve: Serve, world: World) -> None:
    server, connector = await serve(OPEN), platform(world)
    offered = make.infrastructure(Offer(relay=Relay(endpoint(server), "relay", None)))

    for _ in range(3):
        await connector.check(offered)

    assert server.auths == 3


async def test_what_is_remembered_shows_no_login(serve: Serve, world: World) -> None:
    server, connector = await serve(OPEN), platform(world)

    await connector.relay(managed(server))

    kept = repr([*connector.relays._answers._entries])  # noqa: SLF001 - no other way to see it
    assert (PASSWORD in kept, JANE in kept) == (False, True)


async def test_a_sender_that_was_refused_is_asked_about_again_when_somebody_asks_for_it(
    serve: Serve, world: World
) -> None:
    server, connector = await serve(replace(GOOD, senders=())), platform(world)
    case = managed(server)
    await refusal(connector.relay(case))
    server.behaviour = OPEN

    assert (await refusal(connector.relay(case))).reason is Reason.RELAY_REFUSED_SENDER
    await connector.relay(replace(case, mailbox=replace(case.mailbox, reconnect="now")))

    assert server.auths == 2


async def test_a_refused_login_is_offered_again_when_another_replica_found_it_well(
    serve: Serve, world: World
) -> None:
    server, connector = await serve(replace(OPEN, accounts={})), platform(world)
    case = managed(server)
    await refusal(connector.relay(case))
    server.behaviour = OPEN
    assert (await refusal(connector.relay(case))).reason is Reason.RELAY_UNAVAILABLE
    assert case.infrastructure is not None

    connector.relays.proved("another")
    await refusal(connector.relay(case))
    connector.relays.proved(case.infrastructure.uid)
    await connector.relay(case)

    assert server.auths == 2
