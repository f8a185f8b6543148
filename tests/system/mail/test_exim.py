"""What Exim says beyond a login and a sender; its administrator writes most of the words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from lab.servers.exim import CRAM_MD5, REFUSING
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Security
from system.mail.peers import Peer, exim

SILENT = "acl_smtp_{stage} = silence"
PATIENCE_SECONDS = 2


@pytest.mark.parametrize("stage", ["helo", "starttls", "auth", "mail"])
async def test_silence_after_the_greeting_does_not_blame_the_port(stage: str) -> None:
    named = "EHLO" if stage == "helo" else stage.upper()

    async with exim(SILENT.format(stage=stage)) as peer:
        fault = await peer.refusal(security=Security.STARTTLS, seconds=PATIENCE_SECONDS)

    assert (fault.reason, "other" in fault.facts) == (Reason.PROVIDER_UNAVAILABLE, False)
    assert fault.facts["code"] == f"no answer at {named}"


async def test_silence_at_the_recipient_changes_no_verdict() -> None:
    async with exim("acl_smtp_rcpt = silence") as peer:
        await peer.prove(seconds=PATIENCE_SECONDS)


@pytest.mark.parametrize("refusal", ["unwelcome", "banned"])
@pytest.mark.parametrize("security", list(Security))
async def test_a_refusal_instead_of_a_greeting_is_about_the_operators_address(
    refusal: str, security: Security
) -> None:
    async with exim(f"acl_smtp_connect = {refusal}") as peer:
        fault = await peer.refusal(security=security)

    assert (fault.reason, fault.finding) == (Reason.ACCESS_BLOCKED, Finding.CLIENT_REFUSED)


@asynccontextmanager
async def occupied(peer: Peer) -> AsyncIterator[None]:
    """Take the only place at a server, as soon as it is free, as long as the block lasts."""
    async with asyncio.timeout(10):
        while True:
            reader, writer = await asyncio.open_connection(
                peer.server.host, peer.server.submission_port
            )
            if (await reader.readline()).startswith(b"220"):
                break
            writer.close()
    yield
    writer.close()


@pytest.mark.parametrize("security", list(Security))
async def test_an_attempt_waits_after_one_session_too_many(security: Security) -> None:
    async with exim("smtp_accept_max_per_host = 1") as peer, occupied(peer):
        fault = await peer.refusal(security=security)

    assert (fault.reason, fault.facts["code"]) == (Reason.RATE_LIMITED, "421")


@pytest.mark.parametrize("security", list(Security))
async def test_an_address_that_is_not_admitted_does_not_blame_the_port(security: Security) -> None:
    async with exim("host_reject_connection = *") as peer:
        fault = await peer.refusal(security=security)

    assert (fault.reason, fault.finding) == (Reason.ACCESS_BLOCKED, Finding.CLIENT_REFUSED)


async def test_a_mailbox_with_tls_learns_of_starttls_behind_a_slow_greeting() -> None:
    async with exim("acl_smtp_connect = slow", "pipelining_connect_advertise_hosts =") as peer:
        wrong = replace(peer.at(Security.STARTTLS), security=Security.TLS)
        fault = await peer.refusal(endpoint=wrong)

    assert (fault.reason, fault.detail) == (
        Reason.TLS_MODE_MISMATCH,
        "BANNER 554 SMTP synchronization error",
    )
    assert fault.facts["other"] == ", but STARTTLS answers there: use that"


async def test_a_refused_greeting_is_reported() -> None:
    async with exim("acl_smtp_helo = unwelcome") as peer:
        fault = await peer.refusal()

    assert fault.reason is Reason.ACCESS_BLOCKED


async def test_an_attempt_waits_after_too_many_logins() -> None:
    async with exim("acl_smtp_auth = busy") as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.RATE_LIMITED, "451")


async def test_a_server_without_logins_is_named() -> None:
    async with exim(authenticators="") as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.finding) == (Reason.SMTP_AUTH_DISABLED, Finding.NO_LOGIN_OFFERED)


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("OAUTHBEARER", Finding.TOKENS_ONLY),
        ("XOAUTH2", Finding.TOKENS_ONLY),
        ("NTLM", Finding.WINDOWS_LOGINS_ONLY),
        ("DIGEST-MD5", Finding.OTHER_MECHANISMS_ONLY),
    ],
)
async def test_a_mechanism_that_the_operator_does_not_speak_is_named(
    name: str, finding: Finding
) -> None:
    async with exim(authenticators=REFUSING.format(name=name)) as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.finding) == (Reason.SMTP_AUTH_DISABLED, finding)
    assert fault.facts["offered"] == name


async def test_a_password_is_proved_by_cram_md5() -> None:
    async with exim(authenticators=CRAM_MD5) as peer:
        await peer.prove()


async def test_a_server_without_tls_is_its_administrators() -> None:
    async with exim("tls_advertise_hosts =") as peer:
        fault = await peer.refusal(security=Security.STARTTLS)

    assert (fault.reason, fault.finding) == (Reason.TLS_MODE_MISMATCH, Finding.NO_ENCRYPTION)


async def test_a_server_that_wants_a_client_certificate_is_its_administrators() -> None:
    async with exim("tls_verify_hosts = *") as peer:
        fault = await peer.refusal()

    assert fault.reason is Reason.TLS_HANDSHAKE_FAILED
    assert fault.finding is Finding.CLIENT_CERTIFICATE_WANTED
