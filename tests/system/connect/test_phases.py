"""What an attempt spends its time on is told phase by phase, the one that fails included."""

from dataclasses import replace

import dns.asyncresolver
import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.dns import NameServer, running
from lab.servers.oauth import Failure
from lab.servers.silence import black_hole, closed_port
from lab.servers.smtp import Mischief, Stage, StartTls
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.records import Records
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.relays import Relays
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.declared.infrastructure import Offer, Relay
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Provider, Security
from system.connect.cases import (
    GOOD,
    JANE,
    JANES,
    JOE,
    LOOPBACK,
    PASSWORD,
    SOON,
    case,
    endpoint,
    smtp,
    target,
)
from system.connect.conftest import Serve
from system.connect.oauth import World
from unit import make
from unit.fakes import FakePhases

APP = {"client-id": "app", "client-secret": "hush"}
LOGIN = ["resolve", "connect", "tls", "auth"]
ALL = [*LOGIN, "sender"]


@pytest.fixture
def phases() -> FakePhases:
    return FakePhases()


@pytest.fixture
def tokens(world: World, phases: FakePhases) -> World:
    world.bearers.smtp, world.bearers.phases = smtp(phases=phases), phases
    world.secrets.content["platform", "app"] = APP
    return world


def proving(tokens: World, phases: FakePhases) -> PlatformConnector:
    relays = Relays(tokens.clock)
    parts = (tokens.trust, tokens.secrets, tokens.apps, relays)
    return PlatformConnector(smtp(phases=phases), *parts, phases)


async def test_a_good_login_goes_through_each_phase_once(
    serve: Serve, authority: Authority, phases: FakePhases
) -> None:
    server = await serve()

    await smtp(phases=phases).prove(target(server, authority), JANES, JANE)

    assert phases.told == ALL
    assert set(phases.servers) == {f"127.0.0.1:{server.port}"}


async def test_a_login_without_a_sender_has_no_such_phase(
    serve: Serve, authority: Authority, phases: FakePhases
) -> None:
    server = await serve()

    await smtp(phases=phases).prove(target(server, authority), JANES, None)

    assert phases.told == LOGIN


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"starttls": StartTls.STRIPPED}, ["resolve", "connect", "tls failed"]),
        ({"mischief": {Stage.BANNER: Mischief.DROP}}, ["resolve", "connect", "tls failed"]),
        ({"accounts": {JANE: "another"}}, ["resolve", "connect", "tls", "auth failed"]),
        ({"mechanisms": ("GSSAPI",)}, ["resolve", "connect", "tls", "auth failed"]),
        ({"senders": (JOE,)}, [*LOGIN, "sender failed"]),
    ],
    ids=["no STARTTLS", "no banner", "wrong password", "no mechanism", "wrong sender"],
)
async def test_the_phase_that_fails_is_told_last(
    serve: Serve, authority: Authority, phases: FakePhases, change: dict[str, object], told: object
) -> None:
    server = await serve(replace(GOOD, **change))  # type: ignore[arg-type]  # columns of a table

    await refusal(smtp(phases=phases).prove(target(server, authority), JANES, JANE))

    assert phases.told == told


async def test_a_certificate_that_is_not_trusted_fails_the_handshake(
    serve: Serve, phases: FakePhases
) -> None:
    server = await serve()

    await refusal(smtp(phases=phases).prove(target(server, Authority()), JANES, JANE))

    second_look = ["resolve", "connect"]
    assert phases.told == ["resolve", "connect", "tls failed", *second_look]


async def test_a_port_that_refuses_fails_the_dial(authority: Authority, phases: FakePhases) -> None:
    nobody = Endpoint("127.0.0.1", closed_port(), Security.TLS)
    aim = Target(nobody, authority.client_context())

    await refusal(smtp(phases=phases).prove(aim, JANES, JANE))

    assert phases.told == ["resolve", "connect failed"]


async def test_a_port_that_is_silent_fails_the_dial(phases: FakePhases) -> None:
    with black_hole() as port:
        way = Network(LOOPBACK, SOON, phases=phases)
        await refusal(way.dial(Endpoint("127.0.0.1", port, Security.TLS)))

    assert phases.told == ["resolve", "connect failed"]


async def test_a_host_that_cannot_be_a_name_fails_the_look_up(phases: FakePhases) -> None:
    way = Network(LOOPBACK, phases=phases)

    await refusal(way.dial(Endpoint("a..example", 587, Security.STARTTLS)))

    assert phases.told == ["resolve failed"]


@pytest.mark.parametrize(("silent", "told"), [(False, "resolve"), (True, "resolve failed")])
async def test_a_question_for_mail_exchangers_is_a_look_up(
    phases: FakePhases,
    silent: bool,  # noqa: FBT001 - a column of a table
    told: str,
) -> None:
    async with running(NameServer({"acme.example": ["10 mx.test."]}, silent=silent)) as names:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], names.port, SOON
        asked = Records(resolver, phases).exchanges("acme.example")
        await (refusal(asked) if silent else asked)

    assert (phases.told, phases.servers) == ([told], ["none"])


@pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OUTLOOK])
async def test_a_token_is_fetched_before_the_login(
    tokens: World, phases: FakePhases, provider: Provider
) -> None:
    adapter = tokens.google if provider is Provider.GOOGLE else tokens.outlook

    await adapter.connect(case(provider))

    assert phases.told == ["token", *ALL]


async def test_a_kept_token_is_not_fetched(tokens: World, phases: FakePhases) -> None:
    await tokens.google.connect(case(Provider.GOOGLE))
    phases.told.clear()

    await tokens.google.connect(case(Provider.GOOGLE))

    assert phases.told == ALL


async def test_a_token_that_is_refused_is_told(tokens: World, phases: FakePhases) -> None:
    tokens.knows(fail=Failure(500, {}))

    await refusal(tokens.google.connect(case(Provider.GOOGLE)))

    assert phases.told == ["token failed"]


async def test_the_platforms_apps_are_asked_for_tokens_and_refusing_them_is_no_failure(
    tokens: World, phases: FakePhases
) -> None:
    offer = make.offer(google="app", outlook="app", tenant="contoso.example")

    await proving(tokens, phases).check(make.infrastructure(offer))

    assert phases.told == ["token", "token"]


async def test_the_relay_goes_through_the_same_phases(
    serve: Serve, tokens: World, phases: FakePhases
) -> None:
    server = await serve()
    tokens.secrets.content["platform", "relay"] = {"username": JANE, "password": PASSWORD}
    offer = Offer(relay=Relay(endpoint(server), "relay", None))

    await proving(tokens, phases).relay(case(offer=offer))

    assert phases.told == ALL
