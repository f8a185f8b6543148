"""The authorization server reads the assertions of service accounts as Google does."""

import time
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from lab.servers.clients import JANE, OAuthWorld
from lab.servers.oauth import Identity, OAuthServer

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
    server.behaviour = replace(
        server.behaviour, service_accounts=robots, identities={JANE: Identity.of(JANE)}
    )


async def test_google_lets_a_service_account_act_for_a_mailbox(world: OAuthWorld) -> None:
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
async def test_google_refuses_an_assertion(
    world: OAuthWorld, form: dict[str, str], text: str
) -> None:
    with_robot(world.server)

    status, refusal = await world.post("/token", form)

    assert (status, text in refusal["error_description"]) == (400, True)


async def test_google_misses_the_delegation(world: OAuthWorld) -> None:
    with_robot(world.server)
    world.server.behaviour = replace(world.server.behaviour, delegated=False)

    status, refusal = await world.post("/token", assertion())

    assert (status, refusal["error"]) == (401, "unauthorized_client")
