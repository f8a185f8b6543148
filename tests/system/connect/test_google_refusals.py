"""What Google refuses, or answers badly, is told for what it is."""

from datetime import timedelta

import pytest
from aiohttp import web

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.endpoint import Answer, endpoint
from lab.servers.oauth import Failure, Identity, google_failure
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.decide.declared.infrastructure import Offer
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Provider
from system.connect.cases import JANE, JOE, case
from system.connect.oauth import World, challenge


def mailbox(offer: Offer | None = None, status: Status | None = None, version: str = "1") -> Case:
    return case(Provider.GOOGLE, offer, status or Status(), version)


async def test_the_google_connector_does_not_log_in_without_the_scope(world: World) -> None:
    world.knows(granted_scopes="openid https://www.googleapis.com/auth/userinfo.email")

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, world.tally) == (Reason.CONSENT_INCOMPLETE, (1, 0))
    assert fault.facts["missing"] == "https://mail.google.com/"


@pytest.mark.parametrize(
    ("failure", "reason", "code"),
    [
        (google_failure("invalid_grant", "Token has been expired or revoked."),
         Reason.GRANT_REVOKED, "invalid_grant"),
        (google_failure("invalid_client", "Unauthorized", 401),
         Reason.OAUTH_APP_INVALID, "invalid_client"),
        (google_failure("unauthorized_client", "Unauthorized", 401),
         Reason.OAUTH_APP_INVALID, "unauthorized_client"),
        (google_failure("admin_policy_enforced", ""),
         Reason.ADMIN_CONSENT_REQUIRED, "admin_policy_enforced"),
        (google_failure("free text, of any kind", ""), Reason.UNKNOWN, "HTTP 400"),
        (Failure(500, {"error": "internal_failure"}),
         Reason.PROVIDER_UNAVAILABLE, "internal_failure"),
        (Failure(200, {"error": "odd"}), Reason.PROVIDER_UNAVAILABLE, "no token response"),
        (Failure(200, {}), Reason.PROVIDER_UNAVAILABLE, "no token response"),
        (Failure(200, {"access_token": "x", "expires_in": "soon"}),
         Reason.PROVIDER_UNAVAILABLE, "no token response"),
    ],
)  # fmt: skip
async def test_the_google_connector_reads_a_refusal(
    world: World, failure: Failure, reason: Reason, code: str
) -> None:
    world.knows(fail=failure)

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, fault.facts["code"], fault.facts["host"]) == (
        reason, code, "the token endpoint")  # fmt: skip
    assert world.tally == (1, 0)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("99999999", timedelta(hours=1)),
        ("9" * 5000, None),
        ("Fri, 31 Dec 2027 23:59:59 GMT", timedelta(hours=1)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", timedelta()),
        ("Fri, 31 Dec 2027 23:59:59", None),
        ("tomorrow", None),
    ],
)
async def test_a_wait_is_honoured_in_seconds_and_as_a_date(
    world: World, header: str, wait: timedelta | None
) -> None:
    world.knows(fail=Failure(429, {}, {"Retry-After": header}))

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, fault.retry_after) == (Reason.RATE_LIMITED, wait)


async def test_a_date_is_a_wait_by_the_clock_of_the_server_that_names_it(world: World) -> None:
    there = "Wed, 21 Oct 2015 07:28:00 GMT"
    headers = {"Date": there, "Retry-After": "Wed, 21 Oct 2015 07:29:30 GMT"}
    world.knows(fail=Failure(429, {}, headers))

    fault = await refusal(world.google.connect(mailbox()))

    assert fault.retry_after == timedelta(seconds=90)


async def text(_: web.Request) -> web.Response:
    return web.Response(text="Bad Request")


async def error_text(_: web.Request) -> web.Response:
    return web.Response(text="Bad Gateway", status=502, headers={"Server": "ESF"})


async def list_of_nothing(_: web.Request) -> web.Response:
    return web.json_response([])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (text, "no token response"),
        (error_text, "HTTP 502"),
        (list_of_nothing, "no token response"),
    ],
)
async def test_the_google_connector_survives_what_is_no_token_response(
    world: World, authority: Authority, answer: Answer, code: str
) -> None:
    async with endpoint(authority.server_context(), answer) as url:
        world.token_url = url
        fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, code)


async def test_the_google_connector_does_not_wait_for_a_slow_endpoint(world: World) -> None:
    world.knows(latency_seconds=60)
    world.timeout_seconds = 0.3

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, "ReadTimeout")


async def test_the_google_connector_believes_no_endpoint_of_an_unknown_authority(
    world: World,
) -> None:
    world.trust = Trust()

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, world.tally) == (Reason.NETWORK_UNAVAILABLE, (0, 0))


async def test_the_google_connector_reports_another_identity_than_before(world: World) -> None:
    fault = await refusal(world.google.connect(mailbox(status=Status(granted_identity="somebody"))))

    assert (fault.reason, world.tally) == (Reason.IDENTITY_MISMATCH, (1, 0))


@pytest.mark.parametrize(
    "identity",
    [
        Identity(email=JOE, sub="1", preferred_username=JANE),
        Identity(email=JANE, sub="1", preferred_username=JANE, email_verified=False),
    ],
)
async def test_the_google_connector_reports_somebody_elses_token(
    world: World, identity: Identity
) -> None:
    world.knows(identities={JANE: identity})

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, world.tally) == (Reason.IDENTITY_MISMATCH, (1, 0))


async def test_the_google_connector_does_not_mind_how_the_address_is_spelled(world: World) -> None:
    world.knows(identities={JANE: Identity("Jane@ACME.example", "1", "")})

    proof = await world.google.connect(mailbox())

    assert proof.identity == "1"


@pytest.mark.parametrize(
    ("status", "reason"), [("400", Reason.IDENTITY_MISMATCH), ("401", Reason.GRANT_REVOKED)]
)
async def test_the_google_connector_tries_a_fresh_token_once(
    world: World, status: str, reason: Reason
) -> None:
    world.refuses(challenge(status))

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, world.tally) == (reason, (1, 1))
