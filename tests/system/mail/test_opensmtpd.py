"""What OpenSMTPD says beyond a login and a sender."""

from mailbox_operator.connect.smtp.handshakes import BROKEN
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Security
from system.mail.peers import opensmtpd


async def test_a_server_without_logins_is_named() -> None:
    async with opensmtpd(login="") as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.finding) == (Reason.SMTP_AUTH_DISABLED, Finding.NO_LOGIN_OFFERED)


async def test_a_broken_server_is_its_administrators() -> None:
    async with opensmtpd(broken=True) as peer:
        fault = await peer.refusal()

    assert (fault.reason, fault.certain) == (Reason.TLS_HANDSHAKE_FAILED, False)
    assert fault.facts["problem"] == BROKEN


async def test_a_server_without_tls_is_its_administrators() -> None:
    async with opensmtpd(offers_tls=False, login="") as peer:
        fault = await peer.refusal(security=Security.STARTTLS)

    assert (fault.reason, fault.finding) == (Reason.TLS_MODE_MISMATCH, Finding.NO_ENCRYPTION)
