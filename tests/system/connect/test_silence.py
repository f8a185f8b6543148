"""A server that does not greet is looked at while it is waited for: it may wait for TLS itself."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest

from lab.attempts import refusal, until
from lab.servers import smtp as servers
from lab.servers.authority import Authority
from lab.servers.smtp import Mischief, Stage
from mailbox_operator.connect.network.name_service import Address, Names, system
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.servers import Servers
from mailbox_operator.connect.smtp.faults import Exchange
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.connect.smtp.silence import Silence
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import Stage as SmtpStage
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, JANES, LOOPBACK, SOON, target
from system.connect.conftest import Serve
from unit.fakes import FakePhases

LIMIT = 10
LONG = 60.0
SILENT = replace(GOOD, mischief={Stage.BANNER: Mischief.HANG})
TLS = replace(GOOD, security=servers.Security.TLS)


@dataclass(slots=True)
class Turns:
    """A name that has another address at each look-up."""

    addresses: list[str]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[Address]:
        """Resolve the name, or an address as it is."""
        self.asked.append(host)
        return system(self.addresses.pop(0) if host == "mail.test" else host, port)


def patient(seconds: float = LONG, names: Names | None = None) -> Smtp:
    """Make a prover that looks soon at a server that does not greet."""
    network = Network(LOOPBACK, 1, names=names or Names(LIMIT))
    return Smtp(network, seconds, probe_timeout_seconds=seconds, silence_seconds=0.05)


async def test_tls_in_place_of_starttls_is_named_before_the_wait_for_a_greeting_is_over(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(TLS)

    async with asyncio.timeout(LIMIT):
        aim = target(server, authority, Security.STARTTLS)
        fault = await refusal(patient().prove(aim, JANES, JANE))

    assert fault.reason is Reason.TLS_MODE_MISMATCH
    assert fault.facts["other"] == ", but TLS from its first byte"
    assert (server.connections, server.auths) == (2, 0)


async def test_a_certificate_that_is_not_trusted_is_tls_as_well(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(TLS, authority.server_context(expired=True))

    async with asyncio.timeout(LIMIT):
        aim = target(server, authority, Security.STARTTLS)
        fault = await refusal(patient().prove(aim, JANES, JANE))

    assert fault.reason is Reason.TLS_MODE_MISMATCH


async def test_a_server_that_greets_late_is_waited_for(serve: Serve, authority: Authority) -> None:
    server = await serve(replace(GOOD, latency_seconds=SOON))

    await patient().prove(target(server, authority), JANES, JANE)

    assert (server.connections, server.auths) == (2, 1)


async def test_a_look_has_a_place_of_its_own_or_waits_for_the_end_of_the_session(
    serve: Serve, authority: Authority
) -> None:
    server, phases = await serve(TLS), FakePhases()
    network = Network(LOOPBACK, 1, phases=phases, servers=Servers(1, 0.01))
    smtp = Smtp(network, 2, phases=phases, silence_seconds=0)

    fault = await refusal(smtp.prove(target(server, authority, Security.STARTTLS), JANES, JANE))

    assert (fault.reason, server.connections) == (Reason.TLS_MODE_MISMATCH, 2)
    without_a_place = ["resolve", "connect failed"]
    session, look = ["resolve", "connect", "tls failed"], ["resolve", "connect", "tls"]
    assert phases.told == [*session[:2], *without_a_place, *session[2:], *look]
    assert len(network.servers) == 0


async def test_a_server_that_never_greets_is_looked_at_once(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(SILENT)

    fault = await refusal(patient(SOON).prove(target(server, authority), JANES, JANE))

    assert fault.reason is Reason.CONNECTION_TIMEOUT
    assert server.connections == 2


async def test_the_silent_server_itself_is_looked_at_and_no_other_of_its_name(
    serve: Serve, authority: Authority
) -> None:
    silent = await serve(SILENT)
    other = await serve(TLS, host="127.0.0.2", port=silent.port)
    turns = Turns([silent.host, other.host])
    aim = Target(Endpoint("mail.test", silent.port, Security.STARTTLS), authority.client_context())

    names = Names(LIMIT, turns, fresh_seconds=0)
    fault = await refusal(patient(SOON, names).prove(aim, JANES, JANE))

    assert fault.reason is Reason.CONNECTION_TIMEOUT
    assert (silent.connections, other.connections) == (2, 0)
    assert turns.asked == ["mail.test", silent.host]


async def test_the_certificate_that_is_looked_at_is_the_hosts(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(TLS, authority.server_context("mail.test"))
    aim = Target(Endpoint("mail.test", server.port, Security.STARTTLS), authority.client_context())

    names = Names(LIMIT, Turns([server.host]))
    await refusal(patient(LIMIT, names).prove(aim, JANES, JANE))

    assert [seen.encrypted for seen in server.attempts] == [False, True]


async def test_a_greeting_that_comes_during_the_look_counts() -> None:
    exchange = Exchange(Endpoint("mail.test", 4465, Security.STARTTLS))
    looked = asyncio.Event()

    async def look() -> bool:
        exchange.stage = SmtpStage.EHLO
        looked.set()
        return True

    async def no_room() -> None:
        return None

    async def session() -> None:
        await looked.wait()
        for _ in range(10):
            await asyncio.sleep(0)
        exchange.stage = None

    await Silence(exchange, 0, look, no_room).during(session())

    assert exchange.stage is None


@pytest.mark.parametrize("looks", [1, 2])
async def test_an_attempt_that_is_given_up_leaves_nothing_behind(
    serve: Serve, authority: Authority, looks: int
) -> None:
    server = await serve(SILENT)
    smtp = patient() if looks > 1 else replace(patient(), silence_seconds=LONG)
    attempt = asyncio.create_task(smtp.prove(target(server, authority), JANES, JANE))
    await until(lambda: server.connections == looks)

    attempt.cancel()
    with suppress(asyncio.CancelledError):
        await attempt

    assert (attempt.cancelled(), len(smtp.network.servers)) == (True, 0)
    await until(lambda: server.open_now == 0)
