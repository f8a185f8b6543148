"""The authorization server issues, introspects, fails and heals."""

import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from lab.servers.clients import CLIENT, JANE, REFRESH, OAuthWorld
from lab.servers.oauth import Failure, microsoft_failure


def pkce(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.parametrize(("verifier", "status"), [("the right one", 200), ("a wrong one", 400)])
@pytest.mark.parametrize(
    ("page", "endpoint"),
    [
        ("/o/oauth2/v2/auth", "/token"),
        ("/contoso/oauth2/v2.0/authorize", "/contoso/oauth2/v2.0/token"),
    ],
)
async def test_the_service_exchanges_a_code(
    world: OAuthWorld, page: str, endpoint: str, verifier: str, status: int
) -> None:
    query = {
        "client_id": "app",
        "response_type": "code",
        "redirect_uri": "https://operator.test/callback",
        "login_hint": JANE,
        "state": "s",
        "scope": "openid offline_access",
        "code_challenge": pkce("the right one"),
        "code_challenge_method": "S256",
    }
    url = world.server.url + page
    async with world.http.get(url, params=query, allow_redirects=False) as redirect:
        back = parse_qs(urlsplit(redirect.headers["Location"]).query)
    form = {"grant_type": "authorization_code", "code": back["code"][0], "code_verifier": verifier}

    answer = await world.post(endpoint, CLIENT | form | {"redirect_uri": query["redirect_uri"]})

    assert answer[0] == status
    assert back["state"] == ["s"]
    assert ("refresh_token" in answer[1]) is (status == 200)


@pytest.mark.parametrize(
    "failure",
    [
        Failure(429, {"error": "slow_down"}, {"Retry-After": "30"}),
        microsoft_failure(65001, "No consent.", suberror="consent_required"),
    ],
)
async def test_the_service_fails_as_scripted_and_heals(world: OAuthWorld, failure: Failure) -> None:
    good = world.server.behaviour
    world.server.behaviour = replace(good, fail=failure)
    failed = await world.post("/token", REFRESH)
    world.server.behaviour = good
    healed, _ = await world.post("/token", REFRESH)

    assert failed == (failure.status, failure.body)
    assert (healed, world.server.requests.total()) == (200, 2)


async def test_the_service_introspects_a_token(world: OAuthWorld) -> None:
    _, answer = await world.post("/token", REFRESH)

    good = await world.post("/introspect", {"token": answer["access_token"]})
    bad = await world.post("/introspect", {"token": "x"})
    none, _ = await world.post("/introspect", {})

    assert (good[1]["active"], good[1]["username"]) == (True, JANE)
    assert (bad, none) == ((200, {"active": False}), 400)


async def test_the_service_lets_tokens_expire(world: OAuthWorld) -> None:
    world.server.behaviour = replace(world.server.behaviour, lifetime_seconds=-1)

    _, answer = await world.post("/token", REFRESH)

    assert not world.server.token_valid(JANE, answer["access_token"])


async def test_the_service_ends_every_consent_of_an_account(world: OAuthWorld) -> None:
    _, answer = await world.post("/token", REFRESH)

    world.server.revoke_account(JANE)

    assert not world.server.token_valid(JANE, answer["access_token"])
    assert (await world.post("/token", REFRESH))[0] == 400


async def test_the_service_goes_down_and_comes_back_on_its_port(world: OAuthWorld) -> None:
    await world.server.stop()
    with pytest.raises(aiohttp.ClientError):
        await world.post("/token", REFRESH)
    await world.server.start()

    assert (await world.post("/token", REFRESH))[0] == 200
