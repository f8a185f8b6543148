"""The platform's relay accepts every sender, or is named as the trouble."""

from dataclasses import replace

import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.silence import closed_port
from lab.servers.smtp import Mischief, SmtpServer, Stage, StartTls
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.relays import Relays
from mailbox_operator.decide.declared.infrastructure import Offer, Relay
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.machine import Proof
from system.connect.cases import GOOD, JANE, JOE, PASSWORD, case, endpoint, smtp
from system.connect.conftest import Serve
from system.connect.oauth import World
from unit import make


@pytest.fixture
def platform(world: World) -> PlatformConnector:
    world.secrets.content["platform", "relay"] = {"username": JANE, "password": PASSWORD}
    parts = (world.trust, world.secrets, world.apps, Relays(world.clock))
    return PlatformConnector(smtp(), *parts)


def relaying(server: SmtpServer, ca: str | None = None) -> Offer:
    return Offer(relay=Relay(endpoint(server), "relay", ca))


async def check(platform: PlatformConnector, offer: Offer) -> Proof:
    return await platform.check(make.infrastructure(offer))


async def relay_fault(platform: PlatformConnector, server: SmtpServer) -> Fault:
    return await refusal(platform.relay(case(offer=relaying(server))))


async def test_the_relay_check_proves_the_login_of_the_relay(
    serve: Serve, platform: PlatformConnector
) -> None:
    server = await serve()

    proof = await check(platform, relaying(server))

    assert proof == Proof(endpoint(server))
    assert (server.attempts[0].accepted, server.attempts[0].sender) == (True, None)


async def test_the_relay_check_reports_a_wrong_login_of_the_relay(
    serve: Serve, platform: PlatformConnector
) -> None:
    server = await serve(replace(GOOD, accounts={}))

    fault = await refusal(check(platform, relaying(server)))

    assert fault.reason is Reason.INVALID_CREDENTIALS


async def test_the_relay_check_has_the_relay_accept_the_sender(
    serve: Serve, platform: PlatformConnector
) -> None:
    server = await serve()

    await platform.relay(case(offer=relaying(server)))

    assert server.attempts[0].sender == JANE


async def test_the_relay_check_trusts_the_relays_own_authority(
    serve: Serve, world: World, platform: PlatformConnector
) -> None:
    own = Authority("The relay's own")
    world.secrets.content["platform", "ca"] = {"ca.crt": own.ca_pem.decode()}
    server = await serve(context=own.server_context())

    await platform.relay(case(offer=relaying(server, "ca")))

    assert server.attempts[0].accepted


@pytest.mark.parametrize("offer", [None, Offer()])
async def test_the_relay_check_dials_nobody_where_there_is_no_relay(
    world: World, platform: PlatformConnector, offer: Offer | None
) -> None:
    await platform.relay(case(offer=offer))

    assert world.secrets.reads == []


async def test_the_relay_check_reports_a_sender_that_the_relay_refuses(
    serve: Serve, platform: PlatformConnector
) -> None:
    server = await serve(replace(GOOD, senders=(JOE,)))

    fault = await relay_fault(platform, server)

    assert (fault.reason, fault.facts["code"]) == (Reason.RELAY_REFUSED_SENDER, "553 5.7.1")


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        ({"accounts": {}}, "InvalidCredentials"),
        ({"starttls": StartTls.STRIPPED}, "TlsModeMismatch"),
        ({"mechanisms": ()}, "SmtpAuthDisabled"),
        ({"mischief": {Stage.BANNER: Mischief.DROP}}, "ProviderUnavailable"),
        ({"replies": {Stage.MAIL: b"451 4.3.0 Later"}}, "ProviderUnavailable"),
    ],
)
async def test_the_relay_check_names_the_trouble_of_the_relay(
    serve: Serve, platform: PlatformConnector, change: dict[str, object], trouble: str
) -> None:
    server = await serve(replace(GOOD, **change))  # type: ignore[arg-type]  # a test's own columns

    fault = await relay_fault(platform, server)

    assert (fault.reason, fault.facts["trouble"]) == (Reason.RELAY_UNAVAILABLE, trouble)
    assert fault.facts["host"] == "127.0.0.1"


async def test_the_relay_check_reports_a_relay_that_is_down(
    serve: Serve, platform: PlatformConnector
) -> None:
    server = await serve()
    server.port = closed_port()

    fault = await relay_fault(platform, server)

    assert fault.facts["trouble"] == "ConnectionRefused"


async def test_the_relay_check_reports_a_relay_with_a_bad_certificate(
    serve: Serve, platform: PlatformConnector, authority: Authority
) -> None:
    server = await serve(context=authority.server_context(expired=True))

    fault = await relay_fault(platform, server)

    assert fault.facts["trouble"] == "TlsVerificationFailed"


async def test_the_relay_check_reports_a_relay_without_its_secret(
    serve: Serve, world: World, platform: PlatformConnector
) -> None:
    del world.secrets.content["platform", "relay"]
    server = await serve()

    fault = await relay_fault(platform, server)

    assert (fault.reason, server.connections) == (Reason.RELAY_UNAVAILABLE, 0)
    assert fault.facts["trouble"] == "CredentialsMissing"


async def test_the_relay_check_asks_once_with_a_login_that_the_relay_refuses(
    serve: Serve, platform: PlatformConnector
) -> None:
    server = await serve(replace(GOOD, accounts={}))
    await relay_fault(platform, server)

    fault = await relay_fault(platform, server)

    assert (fault.reason, fault.facts["trouble"]) == (
        Reason.RELAY_UNAVAILABLE,
        "InvalidCredentials",
    )
    assert server.auths == 1


async def test_the_relay_check_asks_again_once_the_infrastructure_itself_is_proved(
    serve: Serve, platform: PlatformConnector
) -> None:
    server = await serve(replace(GOOD, accounts={}))
    await relay_fault(platform, server)
    server.behaviour = GOOD

    await check(platform, relaying(server))
    await platform.relay(case(offer=relaying(server)))

    assert server.attempts[-1].sender == JANE


async def test_the_relay_check_asks_again_with_another_password(
    serve: Serve, world: World, platform: PlatformConnector
) -> None:
    server = await serve()
    world.secrets.content["platform", "relay"] = {"username": JANE, "password": "wrong"}
    await relay_fault(platform, server)

    world.secrets.content["platform", "relay"] = {"username": JANE, "password": PASSWORD}
    await platform.relay(case(offer=relaying(server)))

    assert server.attempts[-1].accepted
