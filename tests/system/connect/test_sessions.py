"""A server gets no more sessions at once than the platform allows, however its host is spelled."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from lab.attempts import refusal, until
from lab.servers.authority import Authority
from lab.servers.silence import black_hole
from lab.servers.smtp import Mischief, SmtpServer, Stage
from mailbox_operator.connect.network.name_service import Address, Names
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.servers import Servers
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, JANES, LOOPBACK
from system.connect.conftest import Serve

SPELLINGS = ("mail.test", "MAIL.test", "Mail.Test", "other.test", "OTHER.test")
LONG = 30.0
SLOW = replace(GOOD, latency_seconds=0.05)


def loopback(host: str, port: int) -> Sequence[Address]:
    """Resolve every name to the same server."""
    return socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)


def prover(each: int, patience_seconds: float = LONG) -> Smtp:
    servers = Servers(each, patience_seconds)
    return Smtp(Network(LOOPBACK, 1, names=Names(10, loopback), servers=servers), 1)


def aim(port: int, authority: Authority, host: str = "mail.test", tenant: str = "evil") -> Target:
    return Target(Endpoint(host, port, Security.STARTTLS), authority.client_context(), tenant)


async def serving(serve: Serve, authority: Authority) -> SmtpServer:
    return await serve(SLOW, authority.server_context("mail.test", "other.test"))


async def test_a_server_is_counted_by_its_address(serve: Serve, authority: Authority) -> None:
    server, smtp = await serving(serve, authority), prover(2)

    await asyncio.gather(
        *(smtp.prove(aim(server.port, authority, host), JANES, JANE) for host in SPELLINGS * 2)
    )

    assert (server.most_open, len(server.attempts)) == (2, 10)
    assert len(smtp.network.servers) == 0


async def test_a_wait_that_runs_out_is_no_verdict(serve: Serve, authority: Authority) -> None:
    server, smtp = await serving(serve, authority), prover(1, 0.01)
    busy = asyncio.create_task(smtp.prove(aim(server.port, authority), JANES, JANE))
    await until(lambda: server.connections > 0)

    with pytest.raises(Postponed):
        await smtp.prove(aim(server.port, authority, "other.test", "honest"), JANES, JANE)

    await busy


async def test_the_tenant_with_the_fewest_sessions_is_next(
    serve: Serve, authority: Authority
) -> None:
    server, smtp, order = await serving(serve, authority), prover(2), list[str]()

    async def prove(tenant: str) -> None:
        await smtp.prove(aim(server.port, authority, tenant=tenant), JANES, JANE)
        order.append(tenant)

    greedy = [asyncio.create_task(prove("evil")) for _ in range(10)]
    await until(lambda: server.connections > 0)
    await prove("honest")

    assert order.index("honest") < 4
    await asyncio.gather(*greedy)


async def test_an_attempt_that_looks_again_needs_no_second_place(
    serve: Serve, authority: Authority
) -> None:
    """A silent server may wait for TLS, so it is dialled once more while the session is open."""
    server = await serve(replace(GOOD, mischief={Stage.BANNER: Mischief.HANG}))
    smtp = prover(1, 0.01)

    fault = await refusal(smtp.prove(aim(server.port, authority), JANES, JANE))

    assert fault.reason is Reason.CONNECTION_TIMEOUT
    assert server.connections == 2


@pytest.mark.parametrize("given_up", [False, True])
async def test_a_session_that_ends_badly_gives_its_place_back(
    authority: Authority,
    given_up: bool,  # noqa: FBT001
) -> None:
    smtp = prover(1, 0.01)
    with black_hole() as port:
        attempt = asyncio.create_task(smtp.prove(aim(port, authority), JANES, JANE))
        await until(lambda: len(smtp.network.servers) == 1)
        if given_up:
            attempt.cancel()
        with suppress(Fault, asyncio.CancelledError):
            await attempt

    assert len(smtp.network.servers) == 0
