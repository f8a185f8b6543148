"""An exchange of tokens is seen through, even when nobody waits for it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.attempts import until
from mailbox_operator.connect.oauth.tokenexchange import TokenExchanges
from mailbox_operator.connect.oauth.tokens import AccessToken
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Provider
from mailbox_operator.ports import Connector
from system.connect.cases import UID, case
from system.connect.oauth import World


@dataclass
class Endpoint:
    """A token endpoint that answers when it may.

    Attributes:
        asked: How often it was asked.
        kept: Tokens that came back and were kept.
    """

    open: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    kept: list[str] = field(default_factory=list)
    fault: Fault | None = None

    async def exchange(self) -> AccessToken:
        self.asked += 1
        token = f"token-{self.asked}"
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        self.kept.append(token)
        return AccessToken(token, 3600)


async def begun(exchanges: TokenExchanges, endpoint: Endpoint) -> asyncio.Task[AccessToken]:
    """Begin an exchange."""
    waiting = asyncio.create_task(exchanges.finish("u1", endpoint.exchange()))
    await until(lambda: endpoint.asked > 0)
    return waiting


async def ignored(connector: Connector, wanted: Case) -> None:
    """Connect, whatever comes of it."""
    await connector.connect(wanted)


async def ended(waiting: asyncio.Task[Any]) -> None:
    """Cancel who waits."""
    waiting.cancel()
    await asyncio.wait([waiting])


async def test_an_exchange_brings_its_token() -> None:
    endpoint = Endpoint()
    endpoint.open.set()

    token = await TokenExchanges().finish("u1", endpoint.exchange())

    assert token.token == "token-1"


async def test_an_exchange_outlives_who_waits_for_it() -> None:
    exchanges, endpoint = TokenExchanges(), Endpoint()
    await ended(await begun(exchanges, endpoint))

    endpoint.open.set()
    await exchanges.settle(5)

    assert endpoint.kept == ["token-1"]


async def test_the_next_exchange_of_a_mailbox_begins_when_the_one_before_is_over() -> None:
    exchanges, endpoint = TokenExchanges(), Endpoint()
    await ended(await begun(exchanges, endpoint))
    second = asyncio.create_task(exchanges.finish("u1", endpoint.exchange()))
    await exchanges.settle(0.05)
    assert endpoint.asked == 1

    endpoint.open.set()

    assert (await second).token == "token-2"


async def test_an_exchange_that_waits_for_the_one_before_may_be_cancelled() -> None:
    exchanges, endpoint = TokenExchanges(), Endpoint()
    first = await begun(exchanges, endpoint)
    second = asyncio.create_task(exchanges.finish("u1", endpoint.exchange()))
    await exchanges.settle(0.05)

    await ended(second)
    endpoint.open.set()
    await first

    assert endpoint.kept == ["token-1"]


async def test_exchanges_of_two_mailboxes_do_not_wait_for_each_other() -> None:
    exchanges, endpoint = TokenExchanges(), Endpoint()
    first = await begun(exchanges, endpoint)

    other = asyncio.create_task(exchanges.finish("u2", endpoint.exchange()))

    await until(lambda: endpoint.asked == 2)
    endpoint.open.set()
    await asyncio.gather(first, other)


async def test_a_refusal_that_nobody_waits_for_is_no_bug() -> None:
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    exchanges, endpoint = TokenExchanges(), Endpoint(fault=Fault(Reason.GRANT_REVOKED))
    await ended(await begun(exchanges, endpoint))

    endpoint.open.set()
    await exchanges.settle(5)
    del exchanges

    assert reported == []


async def test_waiting_for_the_end_is_bounded() -> None:
    exchanges, endpoint = TokenExchanges(), Endpoint()
    waiting = await begun(exchanges, endpoint)

    await exchanges.settle(0.01)

    assert not waiting.done()
    endpoint.open.set()
    await waiting


@pytest.mark.parametrize("provider", [Provider.GOOGLE, Provider.OUTLOOK])
async def test_a_rotated_token_is_kept_although_its_attempt_was_cancelled(
    world: World, provider: Provider
) -> None:
    world.knows(rotate=True, latency_seconds=0.3)
    connectors: dict[Provider, Connector] = {
        Provider.GOOGLE: world.google,
        Provider.OUTLOOK: world.outlook,
    }
    attempt = asyncio.create_task(ignored(connectors[provider], case(provider)))
    await until(lambda: world.oauth.requests.total() > 0)

    await ended(attempt)
    await world.bearers.exchanges.settle(5)

    kept = world.grants.content[UID]
    assert isinstance(kept, StoredGrant)
    assert kept.refresh_token != "refresh"
