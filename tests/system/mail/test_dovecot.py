"""What Dovecot's submission service says, for itself and for the server behind it."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab.servers.authority import Authority
from lab.servers.smtp import Mischief, Stage
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Security
from system.connect.cases import JANE, JANES, PASSWORD
from system.mail.peers import BEHIND, dovecot, logged_in

PATIENCE_SECONDS = 2
MOST_SESSIONS = 10
"""Of one user from one address: Dovecot's own default."""


@pytest.mark.parametrize("security", list(Security))
async def test_a_silent_server_behind_dovecot_does_not_blame_the_port(security: Security) -> None:
    silent = replace(BEHIND, mischief={Stage.MAIL: Mischief.HANG})

    async with dovecot(behind=silent) as peer:
        fault = await peer.refusal(security=security, seconds=PATIENCE_SECONDS)

    assert (fault.reason, "other" in fault.facts) == (Reason.PROVIDER_UNAVAILABLE, False)
    assert fault.facts["code"] == "no answer at MAIL"


@pytest.mark.parametrize("stage", [Stage.BANNER, Stage.EHLO])
@pytest.mark.parametrize("mischief", [Mischief.HANG, Mischief.DROP])
async def test_a_server_behind_dovecot_that_is_down_is_retried(
    stage: Stage, mischief: Mischief
) -> None:
    async with dovecot(behind=replace(BEHIND, mischief={stage: mischief})) as peer:
        fault = await peer.refusal(seconds=PATIENCE_SECONDS)

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


async def test_an_account_without_logins_is_blocked() -> None:
    async with dovecot(users={JANE: f"{PASSWORD}::::::nologin"}) as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.finding) == (Reason.ACCESS_BLOCKED, Finding.ACCOUNT_BLOCKED)
    assert fault.facts["code"] == "525 5.7.13"


async def test_a_failure_of_dovecots_user_table_does_not_blame_the_password(tmp_path: Path) -> None:
    unreadable = tmp_path / "users"
    unreadable.touch(mode=0o600)
    passdb = f"passdb {{\n  driver = passwd-file\n  args = {unreadable}\n}}"

    async with dovecot(passdb, users={}) as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, "454 4.7.0")


async def test_an_attempt_waits_after_one_session_too_many() -> None:
    async with dovecot() as peer, logged_in(peer, MOST_SESSIONS):
        fault = await peer.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.RATE_LIMITED, "421 4.7.0")


async def test_a_mechanism_that_the_operator_does_not_speak_is_named() -> None:
    async with dovecot("auth_mechanisms = digest-md5") as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.finding) == (
        Reason.SMTP_AUTH_DISABLED,
        Finding.OTHER_MECHANISMS_ONLY,
    )
    assert fault.facts["offered"] == "DIGEST-MD5"


async def test_a_server_for_tokens_alone_is_named() -> None:
    async with dovecot("auth_mechanisms = xoauth2 oauthbearer") as peer:
        fault = await peer.refusal(JANES)

    assert (fault.reason, fault.finding) == (Reason.SMTP_AUTH_DISABLED, Finding.TOKENS_ONLY)


async def test_a_server_without_tls_is_its_administrators() -> None:
    async with dovecot("ssl = no") as peer:
        fault = await peer.refusal(security=Security.STARTTLS)

    assert (fault.reason, fault.finding) == (Reason.TLS_MODE_MISMATCH, Finding.NO_ENCRYPTION)


async def test_a_server_that_wants_a_client_certificate_does_not_blame_the_password(
    tmp_path: Path,
) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(Authority().ca_pem)
    wanted = ("ssl_verify_client_cert = yes", "auth_ssl_require_client_cert = yes")

    async with dovecot(f"ssl_ca = <{trusted}", *wanted) as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.TLS_HANDSHAKE_FAILED, "535 5.7.8")
    assert fault.finding is Finding.CLIENT_CERTIFICATE_WANTED
