"""The authorization server refuses and grants in the words of Google."""

from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from lab.servers.clients import JANE, JOE, REFRESH, OAuthWorld


async def test_google_refreshes(world: OAuthWorld) -> None:
    status, answer = await world.post("/token", REFRESH)

    assert (status, answer["expires_in"], "refresh_token" in answer) == (200, 3599, False)
    assert world.server.token_valid(JANE, answer["access_token"])
    assert not world.server.token_valid(JOE, answer["access_token"])
    assert world.server.requests == {"refresh_token": 1}


async def test_google_signs_who_it_is(world: OAuthWorld) -> None:
    _, answer = await world.post("/token", REFRESH)
    async with world.http.get(world.server.url + "/jwks") as keys:
        key_set = KeySet.import_key_set(await keys.json())

    claims = jwt.decode(answer["id_token"], key_set, algorithms=["RS256"]).claims

    assert (claims["email"], claims["email_verified"], claims["aud"]) == (JANE, True, "app")


@pytest.mark.parametrize(
    ("change", "status", "error", "description"),
    [
        ({"refresh_token": "x"}, 400, "invalid_grant", "Token has been expired or revoked."),
        ({"client_id": "x"}, 401, "invalid_client", "The OAuth client was not found."),
        ({"client_secret": "x"}, 401, "invalid_client", "Unauthorized"),
        ({"grant_type": "x"}, 400, "unsupported_grant_type", "Invalid grant_type: x"),
    ],
)
async def test_google_refuses(
    world: OAuthWorld, change: dict[str, str], status: int, error: str, description: str
) -> None:
    refusal = await world.post("/token", REFRESH | change)

    assert refusal == (status, {"error": error, "error_description": description})


async def test_google_names_the_granted_scopes(world: OAuthWorld) -> None:
    world.server.behaviour = replace(world.server.behaviour, granted_scopes="openid")

    _, answer = await world.post("/token", REFRESH)

    assert answer["scope"] == "openid"
    assert not world.server.token_valid(JANE, answer["access_token"])


async def test_google_revokes_the_whole_consent(world: OAuthWorld) -> None:
    _, answer = await world.post("/token", REFRESH)
    revoked = await world.post("/revoke", {"token": "old"})
    again = await world.post("/revoke", {"token": "old"})
    refused, _ = await world.post("/token", REFRESH)

    assert (revoked, again[0], refused) == ((200, {}), 400, 400)
    assert answer["access_token"]
