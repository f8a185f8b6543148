"""What a token endpoint says of a person is evidence only if it is meant for this client."""

import base64
import json

import pytest
from aiohttp import web

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.endpoint import endpoint
from mailbox_operator.connect.oauth.tokens import claims_of
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Provider
from system.connect.cases import JANE, case
from system.connect.oauth import World


def id_token(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.c2ln"


@pytest.mark.parametrize("audience", ["app", ["app"], ["other", "app"]])
def test_the_token_reader_reads_the_claims_of_its_own_client(audience: object) -> None:
    assert claims_of(id_token({"aud": audience, "sub": "1"}), "app")["sub"] == "1"


@pytest.mark.parametrize("token", [None, ""])
def test_the_token_reader_finds_no_claims_without_a_token(token: object) -> None:
    assert claims_of(token, "app") == {}


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "x.y.z",
        "x.!!.z",
        5,
        "x." + base64.urlsafe_b64encode(b"[" * 9_000).decode() + ".z",
        id_token([]),
        id_token("aud"),
        id_token({}),
        id_token({"aud": "other"}),
        id_token({"aud": ["other"]}),
        id_token({"aud": None}),
    ],
)
def test_the_token_reader_refuses_what_is_no_token_for_this_client(token: object) -> None:
    with pytest.raises(Fault) as caught:
        claims_of(token, "app")

    assert caught.value.reason is Reason.IDENTITY_MISMATCH


@pytest.mark.parametrize(
    ("claims", "refused"),
    [
        pytest.param({"aud": "other", "email": JANE, "email_verified": True}, True, id="another's"),
        pytest.param({"aud": "app", "email": JANE}, True, id="not verified"),
        pytest.param({"aud": "app", "email": JANE, "email_verified": "true"}, False, id="as text"),
        pytest.param({"aud": "app", "sub": "1"}, False, id="without an address"),
    ],
)
async def test_weighs_the_evidence_of_google(
    world: World, authority: Authority, claims: dict[str, object], refused: bool  # noqa: FBT001
) -> None:  # fmt: skip
    """Where the id_token names no address, the mail server alone tells whose token it is."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "any", "id_token": id_token(claims)})

    async with endpoint(authority.server_context(), answer) as url:
        world.token_url = url
        fault = await refusal(world.google.connect(case(Provider.GOOGLE)))

    assert fault.reason is Reason.IDENTITY_MISMATCH  # the mail server's word: 400
    assert world.mail.auths == (not refused)


async def test_the_token_reader_asks_microsoft_whom_a_token_is_for(
    world: World, authority: Authority
) -> None:
    async def answer(request: web.Request) -> web.Response:
        here = f"https://{request.host}/contoso.example"
        told = {"authorization_endpoint": here, "token_endpoint": here}
        token = {"access_token": "any", "id_token": id_token({"aud": "other", "sub": "1"})}
        return web.json_response(told | token)

    async with endpoint(authority.server_context(), answer) as url:
        world.authority_url = url
        fault = await refusal(world.outlook.connect(case(Provider.OUTLOOK)))

    assert (fault.reason, fault.detail) == (
        Reason.IDENTITY_MISMATCH, "the id_token is for another client")  # fmt: skip
