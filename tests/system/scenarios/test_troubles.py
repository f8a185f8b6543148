"""Servers that are down, wrong, slow or hostile: each has its own reason."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.authority import Authority, self_signed, server_context
from lab.servers.smtp import Behaviour, Mischief, Security, SmtpServer, Stage, StartTls
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import Summary, connected, retrying, stalled
from lab.stand.world import GOOD, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A server, and what is to be said of it.

    Attributes:
        dialled: The security of the mailbox, where it differs from the server's.
        runs: Whether there is a server at all.
    """

    expected: Summary
    behaviour: Behaviour = GOOD
    context: Callable[[Authority], ssl.SSLContext] = Authority.server_context
    dialled: Security | None = None
    runs: bool = True


def doing(mischief: Mischief, stage: Stage, drip_seconds: float = 1) -> Behaviour:
    """Misbehave at one stage."""
    return replace(GOOD, mischief={stage: mischief}, drip_seconds=drip_seconds)


def saying(reply: bytes, stage: Stage = Stage.AUTH) -> Behaviour:
    """Say always the same at one stage."""
    return replace(GOOD, replies={stage: reply})


TLS: Final = replace(GOOD, security=Security.TLS)
UNVERIFIED: Final = stalled("TlsVerificationFailed")
WRONG_MODE: Final = stalled("TlsModeMismatch")
LATE: Final = retrying("ConnectionTimeout")

TROUBLES: Final[Mapping[str, Trouble]] = {
    "expired": Trouble(UNVERIFIED, context=lambda ca: ca.server_context(expired=True)),
    "other-name": Trouble(UNVERIFIED, context=lambda ca: ca.server_context("other.test")),
    "self-signed": Trouble(UNVERIFIED, context=lambda _: server_context(self_signed())),
    "expired-tls": Trouble(UNVERIFIED, TLS, lambda ca: ca.server_context(expired=True)),
    "starttls-stripped": Trouble(WRONG_MODE, replace(GOOD, starttls=StartTls.STRIPPED)),
    "plain-on-the-tls-port": Trouble(WRONG_MODE, dialled=Security.TLS),
    "tls-on-the-plain-port": Trouble(WRONG_MODE, TLS, dialled=Security.STARTTLS),
    "silent": Trouble(LATE, doing(Mischief.HANG, Stage.BANNER)),
    "slow-banner": Trouble(LATE, doing(Mischief.DRIP, Stage.BANNER)),
    "slow-reply": Trouble(retrying("ProviderUnavailable"), doing(Mischief.DRIP, Stage.AUTH)),
    "endless-lines": Trouble(retrying("Unknown"), doing(Mischief.ENDLESS_LINES, Stage.EHLO)),
    "endless-line": Trouble(retrying("Unknown"), doing(Mischief.ENDLESS_LINE, Stage.EHLO)),
    "dropped": Trouble(retrying("ProviderUnavailable"), doing(Mischief.DROP, Stage.AUTH)),
    "busy": Trouble(retrying("ProviderUnavailable"), saying(b"421 4.3.2 Busy", Stage.BANNER)),
    "odd": Trouble(retrying("Unknown"), saying(b"599 What?")),
    "down": Trouble(retrying("ConnectionRefused"), runs=False),
    "too-fast": Trouble(retrying("RateLimited"), saying(b"454 4.7.0 Too many login attempts")),
    "app-password": Trouble(stalled("AppPasswordRequired"), saying(b"534 5.7.9 App password")),
    "no-login": Trouble(stalled("SmtpAuthDisabled"), replace(GOOD, mechanisms=())),
    "foreign-sender": Trouble(stalled("SenderNotAllowed"), replace(GOOD, senders=())),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def troubled(world: World, operator: Operator) -> AsyncIterator[Scene]:
    """Meet all troubles at once; the tests then ask after one each."""
    async with Scene.open(world, operator) as scene, AsyncExitStack() as running:
        await scene.apply(password())
        for name, trouble in TROUBLES.items():
            own = f"{name}@acme.example"  # each account is refused only so often
            behaviour = replace(trouble.behaviour, accounts={own: "right"})
            server = world.server(behaviour, trouble.context(world.authority))
            if trouble.runs:
                await running.enter_async_context(server)
            await scene.apply(mailbox(asked_for(server, trouble, own), name))
        yield scene


def asked_for(server: SmtpServer, trouble: Trouble, address: str) -> dict[str, object]:
    """Write the spec of a mailbox at such a server."""
    spec = at(server, address=address)
    if trouble.dialled is not None:
        spec["smtp"] |= {"security": trouble.dialled.value}
    return spec


@pytest.mark.parametrize("name", TROUBLES)
async def test_each_trouble_has_its_reason(troubled: Scene, name: str) -> None:
    await troubled.until(TROUBLES[name].expected, name, within=25)


async def test_a_port_that_the_platform_does_not_allow_is_never_dialled(scene: Scene) -> None:
    async with SmtpServer(scene.world.authority.server_context(), GOOD) as server:
        await scene.apply(password(), mailbox(at(server)))

        await scene.until(stalled("HostNotPermitted"))

    assert server.connections == 0


async def test_a_server_that_heals_is_found_by_the_operator_itself(scene: Scene) -> None:
    async with scene.world.server(saying(b"421 4.3.2 Busy", Stage.BANNER)) as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(retrying("ProviderUnavailable"))

        server.behaviour = GOOD

        await scene.until(connected())
