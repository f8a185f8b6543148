"""An attempt that is cancelled leaves nothing open."""

import asyncio
import gc
from dataclasses import replace

import pytest

from lab.attempts import until
from lab.servers import smtp as servers
from lab.servers.authority import Authority
from lab.servers.silence import black_hole
from lab.servers.smtp import Mischief, Stage
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, JANES, LOOPBACK, network, smtp, target
from system.connect.conftest import Serve


@pytest.mark.parametrize("security", list(servers.Security))
@pytest.mark.parametrize("stage", [Stage.BANNER, Stage.AUTH])
async def test_the_smtp_client_leaves_no_connection_behind_when_it_is_cancelled(
    serve: Serve, authority: Authority, security: servers.Security, stage: Stage
) -> None:
    behaviour = replace(GOOD, security=security, mischief={stage: Mischief.HANG})
    server = await serve(behaviour)
    attempt = asyncio.create_task(smtp(seconds=60).prove(target(server, authority), JANES, JANE))
    await until(lambda: bool(server.attempts) and server.attempts[0].stage is stage)

    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt

    await until(lambda: server.open_now == 0)


@pytest.mark.parametrize("security", list(Security))
@pytest.mark.parametrize("steps", range(12))
async def test_the_smtp_client_leaves_no_socket_behind_wherever_it_is_cancelled(
    serve: Serve, authority: Authority, security: Security, steps: int
) -> None:
    server = await serve(replace(GOOD, mischief={Stage.BANNER: Mischief.HANG}))
    aim = target(server, authority, security)
    attempt = asyncio.create_task(smtp(seconds=60).prove(aim, JANES, JANE))
    for _ in range(steps):
        await asyncio.sleep(0)

    attempt.cancel()
    await asyncio.wait([attempt])

    gc.collect()  # a socket that nobody closed warns now, and warnings are errors
    assert attempt.cancelled()


async def test_the_smtp_client_closes_a_socket_that_did_not_connect() -> None:
    with black_hole() as port:
        dialling = asyncio.create_task(
            network(LOOPBACK, 60).dial(Endpoint("127.0.0.1", port, Security.TLS))
        )
        await asyncio.sleep(0.05)
        dialling.cancel()
        await asyncio.wait([dialling])

    gc.collect()
    assert dialling.cancelled()
