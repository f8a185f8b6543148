"""What Postfix says beyond a login and a sender, as its administrator may have set it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.authority import strong_key
from lab.servers.postfix import RealMailServer
from mailbox_operator.connect.smtp.handshakes import OLD
from mailbox_operator.connect.smtp.hello import FOREIGN_KEYS
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Security
from system.mail.peers import Peer, logged_in, postfix

pytestmark = pytest.mark.asyncio(loop_scope="module")  # starting the pair takes seconds

LIMITED: Final = "smtpd_client_event_limit_exceptions ="
"""The loopback is an exception otherwise."""


def tls(version: str, ciphers: str) -> tuple[str, ...]:
    """Let it speak this version of TLS with these ciphers alone, however weak they are."""
    return (
        f"smtpd_tls_protocols = {version}",
        f"smtpd_tls_mandatory_protocols = {version}",
        f"tls_medium_cipherlist = {ciphers}:@SECLEVEL=0",
    )


VARIANTS: Final = {
    "finite fields": tls("TLSv1.2", "DHE-RSA-AES256-GCM-SHA384"),
    "RSA": tls("TLSv1.2", "AES256-SHA"),
    "old": tls("TLSv1.1", "ALL"),
    "no TLS": ("smtpd_tls_security_level = none",),
    "client certificates": ("smtpd_tls_req_ccert = yes", "smtpd_tls_security_level = encrypt"),
    "few logins": ("smtpd_client_auth_rate_limit = 1", LIMITED),
    "few sessions": ("smtpd_client_connection_count_limit = 1", LIMITED),
    "client": ("smtpd_client_restrictions = check_client_access static:REJECT",),
    "greeting": ("smtpd_helo_restrictions = check_helo_access static:REJECT",),
    "recipient": ("smtpd_recipient_restrictions = check_recipient_access static:REJECT",),
    "no logins": ("smtpd_sasl_auth_enable = no",),
}


Variant = Callable[[str], Peer]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Peer]:
    async with postfix(variants=VARIANTS, key=strong_key()) as peer:
        yield peer


@pytest.fixture
def variant(running: Peer) -> Variant:
    assert isinstance(running.server, RealMailServer)
    variants = running.server.variants
    return lambda name: replace(running, server=variants[name])


SECURITIES: Final = pytest.mark.parametrize("security", list(Security))


@SECURITIES
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("finite fields", FOREIGN_KEYS["kx-dhe"]),
        ("RSA", FOREIGN_KEYS["kx-rsa"]),
        ("old", OLD),
    ],
)
async def test_old_tls_is_no_matter_of_the_port(
    variant: Variant, security: Security, name: str, problem: str
) -> None:
    fault = await variant(name).refusal(security=security)

    assert (fault.reason, fault.facts["problem"]) == (Reason.TLS_HANDSHAKE_FAILED, problem)


@SECURITIES
async def test_a_server_that_wants_a_client_certificate_is_its_administrators(
    variant: Variant, security: Security
) -> None:
    fault = await variant("client certificates").refusal(security=security)

    assert fault.reason is Reason.TLS_HANDSHAKE_FAILED
    assert fault.finding is Finding.CLIENT_CERTIFICATE_WANTED


async def test_an_attempt_waits_after_too_many_logins(variant: Variant) -> None:
    limited = variant("few logins")
    await limited.prove()

    fault = await limited.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.RATE_LIMITED, "450 4.7.1")


async def test_an_attempt_waits_after_too_many_sessions(variant: Variant) -> None:
    limited = variant("few sessions")

    async with logged_in(limited, 1):
        fault = await limited.refusal()

    assert (fault.reason, fault.facts["code"]) == (Reason.RATE_LIMITED, "421 4.7.0")


@pytest.mark.parametrize(
    ("name", "finding"),
    [("client", Finding.CLIENT_REFUSED), ("greeting", Finding.GREETING_REFUSED)],
)
async def test_a_refusal_at_the_recipient_does_not_blame_the_sender(
    variant: Variant, name: str, finding: Finding
) -> None:
    fault = await variant(name).refusal()

    assert (fault.reason, fault.finding) == (Reason.ACCESS_BLOCKED, finding)
    assert fault.detail.startswith("RCPT 554 5.7.1")


async def test_a_refused_recipient_changes_no_verdict(variant: Variant) -> None:
    await variant("recipient").prove()


async def test_a_server_without_logins_is_named(variant: Variant) -> None:
    fault = await variant("no logins").refusal()

    assert (fault.reason, fault.finding) == (Reason.SMTP_AUTH_DISABLED, Finding.NO_LOGIN_OFFERED)


async def test_a_server_without_tls_is_its_administrators(variant: Variant) -> None:
    fault = await variant("no TLS").refusal(security=Security.STARTTLS)

    assert (fault.reason, fault.finding) == (Reason.TLS_MODE_MISMATCH, Finding.NO_ENCRYPTION)
