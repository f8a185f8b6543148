"""A browser that goes where the operator sends it, and consents at once."""

from typing import Final
from urllib.parse import parse_qs, urlsplit

import aiohttp

from lab.servers.authority import Authority
from mailbox_operator.consent.ports import Authorizer
from mailbox_operator.decide.grants.authorization import AuthorizationRequest
from mailbox_operator.decide.machine.case import Case
from system.connect.oauth import World

REQUEST: Final = AuthorizationRequest(
    redirect_uri="https://mailboxes.example/callback",
    state="s" * 43,
    nonce="n" * 43,
    code_verifier="v" * 43,
)


def parameters(url: str) -> dict[str, str]:
    """Read the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def code_for(
    authorizer: Authorizer,
    case: Case,
    authority: Authority,
    request: AuthorizationRequest = REQUEST,
) -> str:
    """Go to the provider and come back with a code."""
    url = (await authorizer.departure(case, request)).url
    tls = aiohttp.TCPConnector(ssl=authority.client_context())
    async with (
        aiohttp.ClientSession(connector=tls) as http,
        http.get(url, allow_redirects=False) as answer,
    ):
        back = parameters(answer.headers["Location"])
    assert back["state"] == request.state
    return back["code"]


def authorizer_of(world: World, provider: str) -> Authorizer:
    """Return one provider's adapter."""
    return world.google if provider == "Google" else world.outlook
