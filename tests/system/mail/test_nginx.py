"""What nginx says as a mail proxy, for itself, for its HTTP back end and for the server behind it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from lab.servers.authority import Authority
from lab.servers.smtp import Mischief, Stage
from mailbox_operator.connect.smtp.credentials import Password
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Security
from system.connect.cases import JANE
from system.mail.peers import BEHIND, nginx

PATIENCE_SECONDS = 2
WRONG = Password(JANE, "wrong")


@pytest.mark.parametrize("security", list(Security))
async def test_a_silent_back_end_does_not_blame_the_port(
    security: Security,
) -> None:
    async def never(_: web.Request) -> web.Response:
        return await asyncio.Future()

    async with nginx(ask=never) as peer:
        fault = await peer.refusal(security=security, seconds=PATIENCE_SECONDS)

    assert (fault.reason, "other" in fault.facts) == (Reason.PROVIDER_UNAVAILABLE, False)
    assert fault.facts["code"] == "no answer at AUTH"


async def test_trouble_of_the_back_end_does_not_blame_the_password() -> None:
    async def failing(_: web.Request) -> web.Response:
        return web.Response(status=500)

    async with nginx(ask=failing) as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, "451 4.3.2")


@pytest.mark.parametrize(
    ("status", "error_code", "reason", "finding"),
    [
        ("Account disabled", "535 5.7.0", Reason.ACCESS_BLOCKED, Finding.ACCOUNT_BLOCKED),
        (
            "Temporary server problem, try again later",
            "451 4.3.0",
            Reason.PROVIDER_UNAVAILABLE,
            None,
        ),
        ("Invalid login or password", "451 4.3.0", Reason.INVALID_CREDENTIALS, None),
        ("Too many login attempts", "454 4.7.0", Reason.RATE_LIMITED, None),
    ],
)
async def test_the_words_of_the_back_end_are_read(
    status: str, error_code: str, reason: Reason, finding: Finding | None
) -> None:
    async with nginx(status=status, error_code=error_code) as peer:
        fault = await peer.refusal(WRONG)

    assert (fault.reason, fault.finding) == (reason, finding)


@pytest.mark.parametrize("stage", [Stage.BANNER, Stage.EHLO])
async def test_a_server_behind_nginx_that_is_down_is_retried(stage: Stage) -> None:
    async with nginx(behind=replace(BEHIND, mischief={stage: Mischief.DROP})) as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, "451 4.3.2")


async def test_a_silent_server_behind_nginx_does_not_blame_the_port() -> None:
    silent = replace(BEHIND, mischief={Stage.MAIL: Mischief.HANG})

    async with nginx(behind=silent) as peer:
        fault = await peer.refusal(seconds=PATIENCE_SECONDS)

    assert fault.facts["code"] == "no answer at MAIL"


async def test_a_server_behind_nginx_that_wants_tls_is_its_administrators() -> None:
    async with nginx("xclient off;", behind=replace(BEHIND, proxied=False)) as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.TLS_MODE_MISMATCH, "530 5.7.0")
    assert (fault.finding, "other" in fault.facts) == (Finding.ENCRYPTION_ASKED_AGAIN, False)


async def test_a_server_without_logins_is_named() -> None:
    async with nginx("smtp_auth none;") as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.finding) == (Reason.SMTP_AUTH_DISABLED, Finding.NO_LOGIN_OFFERED)


@pytest.mark.parametrize("security", list(Security))
async def test_a_server_that_wants_a_client_certificate_is_its_administrators(
    security: Security, tmp_path: Path
) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(Authority().ca_pem)

    async with nginx("ssl_verify_client on;", f"ssl_client_certificate {trusted};") as peer:
        fault = await peer.refusal(security=security)

    assert fault.reason is Reason.TLS_HANDSHAKE_FAILED
    assert fault.finding is Finding.CLIENT_CERTIFICATE_WANTED
