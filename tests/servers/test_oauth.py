"""The authorization server speaks as Google and Microsoft do."""

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msal
import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from servers.authority import Authority
from servers.oauth import Behaviour, Failure, Identity, OAuthServer, microsoft_failure

JANE = "jane@acme.example"
GOOGLE = {"client_id": "app", "client_secret": "hush"}
REFRESH = GOOGLE | {"grant_type": "refresh_token", "refresh_token": "old"}
GOOD = Behaviour(clients={"app": "hush"}, refresh_tokens={"old": JANE})
APP_ONLY = "https://outlook.office365.com/.default"


class World(NamedTuple):
    server: OAuthServer
    http: aiohttp.ClientSession

    async def post(self, path: str, form: Mapping[str, str]) -> tuple[int, Any]:
        async with self.http.post(self.server.url + path, data=form) as answer:
            return answer.status, await answer.json()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    connector = aiohttp.TCPConnector(ssl=authority.client_context())
    async with (
        OAuthServer(authority.server_context(), GOOD) as server,
        aiohttp.ClientSession(connector=connector) as http,
    ):
        yield World(server, http)


async def test_google_refreshes(world: World) -> None:
    status, answer = await world.post("/token", REFRESH)

    assert (status, answer["expires_in"], "refresh_token" in answer) == (200, 3599, False)
    assert world.server.token_valid(JANE, answer["access_token"])
    assert not world.server.token_valid("joe@acme.example", answer["access_token"])
    assert world.server.requests == {"refresh_token": 1}


async def test_google_signs_who_it_is(world: World) -> None:
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
    world: World, change: dict[str, str], status: int, error: str, description: str
) -> None:
    refusal = await world.post("/token", REFRESH | change)

    assert refusal == (status, {"error": error, "error_description": description})


async def test_google_tells_the_granted_scopes(world: World) -> None:
    world.server.behaviour = replace(GOOD, granted_scopes="openid")

    _, answer = await world.post("/token", REFRESH)

    assert answer["scope"] == "openid"
    assert not world.server.token_valid(JANE, answer["access_token"])


async def test_google_revokes_the_whole_consent(world: World) -> None:
    _, answer = await world.post("/token", REFRESH)
    revoked = await world.post("/revoke", {"token": "old"})
    again = await world.post("/revoke", {"token": "old"})
    refused, _ = await world.post("/token", REFRESH)

    assert (revoked, again[0], refused) == ((200, {}), 400, 400)
    assert answer["access_token"]


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
async def test_exchanges_a_code(
    world: World, page: str, endpoint: str, verifier: str, status: int
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

    answer = await world.post(endpoint, GOOGLE | form | {"redirect_uri": query["redirect_uri"]})

    assert answer[0] == status
    assert back["state"] == ["s"]
    assert ("refresh_token" in answer[1]) is (status == 200)


KEY = RSAKey.generate_key(2048)
ROBOT = "robot@project.iam.gserviceaccount.com"


def assertion(key: RSAKey = KEY, **change: object) -> dict[str, str]:
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": ROBOT,
        "sub": JANE,
        "scope": "https://mail.google.com/",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": now,
        "exp": now + 3600,
    }
    token = jwt.encode({"alg": "RS256"}, claims | change, key)
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": token}


def with_robot(server: OAuthServer) -> None:
    robots = {ROBOT: KEY.as_pem(private=False).decode()}
    server.behaviour = replace(GOOD, service_accounts=robots, identities={JANE: Identity.of(JANE)})


async def test_google_lets_a_service_account_act_for_a_mailbox(world: World) -> None:
    with_robot(world.server)

    _, answer = await world.post("/token", assertion())

    assert world.server.token_valid(JANE, answer["access_token"])


@pytest.mark.parametrize(
    ("form", "text"),
    [
        pytest.param(assertion(iss="x"), "account not found", id="unknown account"),
        pytest.param(assertion(RSAKey.generate_key(2048)), "Signature", id="another key"),
        pytest.param(assertion(aud="x"), "audience", id="another audience"),
        pytest.param(assertion(exp=1), "short-lived", id="expired"),
        pytest.param(assertion(scope=""), "Invalid OAuth scope", id="no scope"),
        pytest.param(assertion(sub="x@acme.example"), "Invalid email", id="no such user"),
    ],
)
async def test_google_refuses_an_assertion(world: World, form: dict[str, str], text: str) -> None:
    with_robot(world.server)

    status, refusal = await world.post("/token", form)

    assert (status, text in refusal["error_description"]) == (400, True)


async def test_google_misses_the_delegation(world: World) -> None:
    with_robot(world.server)
    world.server.behaviour = replace(world.server.behaviour, delegated=False)

    status, refusal = await world.post("/token", assertion())

    assert (status, refusal["error"]) == (401, "unauthorized_client")


@pytest.fixture
def app(world: World, authority: Authority, tmp_path: Path) -> Any:
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


async def test_microsoft_rotates_refresh_tokens(world: World, app: Any) -> None:
    def twice() -> list[dict[str, Any]]:
        client = app()
        scopes = ["https://outlook.office.com/SMTP.Send"]
        return [client.acquire_token_by_refresh_token("old", scopes) for _ in range(2)]

    first, second = await asyncio.to_thread(twice)

    assert first["refresh_token"] != second["refresh_token"] != "old"
    assert first["id_token_claims"]["preferred_username"] == JANE
    assert world.server.token_valid(JANE, second["access_token"])


async def test_microsoft_lets_an_application_act_for_itself(world: World, app: Any) -> None:
    world.server.behaviour = replace(GOOD, app_only=[JANE])

    answer = await asyncio.to_thread(lambda: app().acquire_token_for_client([APP_ONLY]))

    assert world.server.token_valid(JANE, answer["access_token"])
    assert not world.server.token_valid("joe@acme.example", answer["access_token"])


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
    world: World, change: dict[str, str], status: int, number: int
) -> None:
    refusal = await world.post("/contoso/oauth2/v2.0/token", REFRESH | change)

    assert (refusal[0], refusal[1]["error_codes"]) == (status, [number])
    assert refusal[1]["error_description"].startswith(f"AADSTS{number}: ")


async def test_microsoft_knows_its_tenants(world: World) -> None:
    world.server.behaviour = replace(GOOD, tenants=["contoso"])
    url = f"{world.server.url}/fabrikam/v2.0/.well-known/openid-configuration"

    async with world.http.get(url) as refusal:
        body = await refusal.json()

    assert (refusal.status, body["error_codes"]) == (400, [90002])


@pytest.mark.parametrize(
    "failure",
    [
        Failure(429, {"error": "slow_down"}, {"Retry-After": "30"}),
        microsoft_failure(65001, "No consent.", suberror="consent_required"),
    ],
)
async def test_fails_as_told_and_heals(world: World, failure: Failure) -> None:
    world.server.behaviour = replace(GOOD, fail=failure)
    failed = await world.post("/token", REFRESH)
    world.server.behaviour = GOOD
    healed, _ = await world.post("/token", REFRESH)

    assert failed == (failure.status, failure.body)
    assert (healed, world.server.requests.total()) == (200, 2)


async def test_introspects(world: World) -> None:
    _, answer = await world.post("/token", REFRESH)

    good = await world.post("/introspect", {"token": answer["access_token"]})
    bad = await world.post("/introspect", {"token": "x"})
    none, _ = await world.post("/introspect", {})

    assert (good[1]["active"], good[1]["username"]) == (True, JANE)
    assert (bad, none) == ((200, {"active": False}), 400)


async def test_lets_tokens_expire(world: World) -> None:
    world.server.behaviour = replace(GOOD, lifetime_seconds=-1)

    _, answer = await world.post("/token", REFRESH)

    assert not world.server.token_valid(JANE, answer["access_token"])


async def test_ends_every_consent_of_an_account(world: World) -> None:
    _, answer = await world.post("/token", REFRESH)

    world.server.revoke_account(JANE)

    assert not world.server.token_valid(JANE, answer["access_token"])
    assert (await world.post("/token", REFRESH))[0] == 400


async def test_goes_down_and_comes_back_on_its_port(world: World) -> None:
    await world.server.stop()
    with pytest.raises(aiohttp.ClientError):
        await world.post("/token", REFRESH)
    await world.server.start()

    assert (await world.post("/token", REFRESH))[0] == 200
