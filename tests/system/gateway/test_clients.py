"""Applications that nobody here wrote send through the gateway's own ports."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiosmtplib
import pytest

from system.gateway.gates import ADDRESS, HOST, PASSWORD, USERNAME, Gateway, gateway

BODY = "hello\n.\n.dot\nbye\n"


@pytest.fixture
async def running() -> AsyncIterator[Gateway]:
    async with gateway() as opened:
        yield opened


def mail() -> EmailMessage:
    """Make a message with dots at the beginning of lines."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ADDRESS, "jane@other.example", "hi"
    message.set_content(BODY)
    return message


def by_smtplib(running: Gateway, mechanism: str, *, is_tls: bool) -> None:
    """Send with Python's own client."""
    opened = (
        smtplib.SMTP_SSL(HOST, running.tls_port, context=running.trust, timeout=20)
        if is_tls
        else smtplib.SMTP(HOST, running.port, timeout=20)
    )
    with opened as client:
        if not is_tls:
            client.starttls(context=running.trust)
        client.ehlo()
        client.user, client.password = USERNAME, PASSWORD
        client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
        client.send_message(mail())


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("is_tls", [False, True], ids=["STARTTLS", "TLS"])
async def test_smtplib_sends(running: Gateway, mechanism: str, *, is_tls: bool) -> None:
    await asyncio.to_thread(by_smtplib, running, mechanism, is_tls=is_tls)

    assert b"\r\n\r\nhello\r\n.\r\n.dot\r\nbye\r\n" in running.gate.messages[0].content


@pytest.mark.parametrize("is_tls", [False, True], ids=["STARTTLS", "TLS"])
async def test_aiosmtplib_sends(running: Gateway, *, is_tls: bool) -> None:
    await aiosmtplib.send(
        mail(),
        hostname=HOST,
        port=running.tls_port if is_tls else running.port,
        username=USERNAME,
        password=PASSWORD,
        use_tls=is_tls,
        start_tls=not is_tls,
        tls_context=running.trust,
    )

    assert running.gate.messages[0].sender == ADDRESS


async def test_a_refusal_reaches_the_application_with_its_words(running: Gateway) -> None:
    with pytest.raises(aiosmtplib.SMTPSenderRefused) as caught:
        await aiosmtplib.send(
            mail(),
            sender="boss@acme.example",
            hostname=HOST,
            port=running.tls_port,
            username=USERNAME,
            password=PASSWORD,
            use_tls=True,
            tls_context=running.trust,
        )

    assert caught.value.code == 553
    assert "boss@acme.example is not a mailbox of sender acme/keycloak" in caught.value.message
