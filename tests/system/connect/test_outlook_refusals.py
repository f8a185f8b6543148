"""What Microsoft answers badly, late or not at all is told for what it is."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.endpoint import endpoint
from lab.servers.oauth import Failure
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Provider
from system.connect.cases import case
from system.connect.oauth import World

SIGNED = {"x-ms-request-id": "8f3c1e52"}
MAILBOX = case(Provider.OUTLOOK)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_the_outlook_connector_honours_retry_after(world: World, status: int) -> None:
    world.knows(fail=Failure(status, {"error": "x"}, {"Retry-After": "120"}))

    fault = await refusal(world.outlook.connect(MAILBOX))

    limited = Reason.RATE_LIMITED if status == 429 else Reason.PROVIDER_UNAVAILABLE
    assert (fault.reason, fault.retry_after) == (limited, timedelta(minutes=2))


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (200, Reason.PROVIDER_UNAVAILABLE, "no token response"),
        (404, Reason.OAUTH_APP_INVALID, "the tenant is not known there"),
        (429, Reason.RATE_LIMITED, "HTTP 429"),
        (502, Reason.PROVIDER_UNAVAILABLE, "HTTP 502"),
    ],
)
async def test_the_outlook_connector_survives_a_discovery_that_fails(
    world: World, authority: Authority, status: int, reason: Reason, code: str
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="Oops", status=status, headers=SIGNED)

    async with endpoint(authority.server_context(), answer) as url:
        world.authority_url = url
        fault = await refusal(world.outlook.connect(MAILBOX))

    assert (fault.reason, fault.facts["code"]) == (reason, code)


def answering(
    token: Callable[[], web.Response],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answer discovery as usual, and token requests so."""

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            return token()
        here = f"https://{request.host}/contoso.example"
        told = {"authorization_endpoint": here, "token_endpoint": here, "issuer": here}
        return web.json_response(told)

    return answer


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (lambda: web.Response(text="Oops"), "no token response"),
        (lambda: web.Response(text="Oops", status=400), "no token response"),
        (lambda: web.Response(text="Oops", status=502, headers=SIGNED), "HTTP 502"),
        (lambda: web.json_response([]), "no token response"),
        (lambda: web.json_response({}), "no token response"),
        (lambda: web.json_response({"access_token": "x", "id_token": "x"}), "no token response"),
    ],
)
async def test_the_outlook_connector_survives_what_is_no_token_response(
    world: World, authority: Authority, token: Callable[[], web.Response], code: str
) -> None:
    async with endpoint(authority.server_context(), answering(token)) as url:
        world.authority_url = url
        fault = await refusal(world.outlook.connect(MAILBOX))

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, code)


async def test_the_outlook_connector_does_not_wait_for_a_slow_endpoint(world: World) -> None:
    world.knows(latency_seconds=60)
    world.timeout_seconds = 0.3

    fault = await refusal(world.outlook.connect(MAILBOX))

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, "ReadTimeout")


async def test_the_outlook_connector_believes_no_endpoint_of_an_unknown_authority(
    world: World,
) -> None:
    world.trust = Trust()

    fault = await refusal(world.outlook.connect(MAILBOX))

    assert (fault.reason, world.tally) == (Reason.NETWORK_UNAVAILABLE, (0, 0))
