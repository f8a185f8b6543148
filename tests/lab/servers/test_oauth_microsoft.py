"""The authorization server refuses and grants in the words of Microsoft."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import msal
import pytest
import requests

from lab.servers.authority import Authority
from lab.servers.clients import JANE, JOE, REFRESH, OAuthWorld

APP_ONLY = "https://outlook.office365.com/.default"


@pytest.fixture
def app(world: OAuthWorld, authority: Authority, tmp_path: Path) -> Any:
    """Give a maker of msal clients; msal is blocking, and asks at once."""
    (tmp_path / "ca.pem").write_bytes(authority.ca_pem)

    def make() -> Any:
        http = requests.Session()
        http.trust_env = False
        http.verify = str(tmp_path / "ca.pem")
        return msal.ConfidentialClientApplication(
            "app",
            client_credential="hush",
            authority=f"{world.server.url}/contoso.example",
            instance_discovery=False,
            http_client=http,
        )

    return make


async def test_microsoft_rotates_refresh_tokens(world: OAuthWorld, app: Any) -> None:
    def twice() -> list[dict[str, Any]]:
        client = app()
        scopes = ["https://outlook.office.com/SMTP.Send"]
        return [client.acquire_token_by_refresh_token("old", scopes) for _ in range(2)]

    first, second = await asyncio.to_thread(twice)

    assert first["refresh_token"] != second["refresh_token"] != "old"
    assert first["id_token_claims"]["preferred_username"] == JANE
    assert world.server.token_valid(JANE, second["access_token"])


async def test_microsoft_lets_an_application_act_for_itself(world: OAuthWorld, app: Any) -> None:
    world.server.behaviour = replace(world.server.behaviour, app_only=[JANE])

    answer = await asyncio.to_thread(lambda: app().acquire_token_for_client([APP_ONLY]))

    assert world.server.token_valid(JANE, answer["access_token"])
    assert not world.server.token_valid(JOE, answer["access_token"])


@pytest.mark.parametrize(
    ("change", "status", "number"),
    [
        ({"refresh_token": "x"}, 400, 700082),
        ({"client_id": "x"}, 400, 700016),
        ({"client_secret": "x"}, 401, 7000215),
        ({"grant_type": "client_credentials", "scope": "x"}, 400, 1002012),
        ({"grant_type": "x"}, 400, 70003),
    ],
)
async def test_microsoft_refuses(
    world: OAuthWorld, change: dict[str, str], status: int, number: int
) -> None:
    refusal = await world.post("/contoso/oauth2/v2.0/token", REFRESH | change)

    assert (refusal[0], refusal[1]["error_codes"]) == (status, [number])
    assert refusal[1]["error_description"].startswith(f"AADSTS{number}: ")


async def test_microsoft_knows_its_tenants(world: OAuthWorld) -> None:
    world.server.behaviour = replace(world.server.behaviour, tenants=["contoso"])
    url = f"{world.server.url}/fabrikam/v2.0/.well-known/openid-configuration"

    async with world.http.get(url) as refusal:
        body = await refusal.json()

    assert (refusal.status, body["error_codes"]) == (400, [90002])
