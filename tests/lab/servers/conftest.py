"""What the tests of the servers share."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from lab.servers.authority import Authority
from lab.servers.clients import REFRESH_TOKENS, OAuthWorld
from lab.servers.oauth import Behaviour, OAuthServer


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[OAuthWorld]:
    behaviour = Behaviour(clients={"app": "hush"}, refresh_tokens=REFRESH_TOKENS)
    connector = aiohttp.TCPConnector(ssl=authority.client_context())
    async with (
        OAuthServer(authority.server_context(), behaviour) as server,
        aiohttp.ClientSession(connector=connector) as http,
    ):
        yield OAuthWorld(server, http)
