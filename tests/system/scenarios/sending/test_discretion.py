"""The log of a gateway, as it is by default, names no address, no subject and no recipient."""

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest

from lab.servers.smtp import Mischief, SmtpServer, Stage
from lab.stand.gateway_process import HOST, Application, Gateway

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.sending,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
]

CANARY: Final = "canary"
RECIPIENT: Final = "canary-recipient@other.example"
SUBJECT: Final = "canary-subject of a message"
WORDS: Final = b"canary-words about <canary-recipient@other.example>"
ODD: Final = (
    "canary-command",
    "VRFY canary-verified@other.example",
    "MAIL FROM:<canary-sender@other.example>",
    "MAIL FROM:<canary sender>",
    "MAIL FROM:<canary-sender@other.example> CANARY=canary",
    "RCPT TO:<canary-recipient@other.example>",
    f"NOOP {'canary' * 400}",
)
PROVIDERS: Final[Mapping[str, tuple[int, Stage, bytes]]] = {
    "refuses the sender": (550, Stage.MAIL, b"550 5.7.1 " + WORDS),
    "refuses the recipient": (550, Stage.RCPT, b"550 5.1.1 " + WORDS),
    "refuses the message": (554, Stage.MESSAGE, b"554 5.7.1 " + WORDS),
    "is busy": (451, Stage.MESSAGE, b"451 4.3.0 " + WORDS),
    "speaks no SMTP": (451, Stage.RCPT, WORDS),
}
"""The code of the reply, and what a provider does with a message: where, and in which words."""


def heckle(application: Application) -> None:
    """Say what no application should say, then log in with what is no login."""
    trust = ssl.create_default_context(cadata=application.login["certificates"])
    with smtplib.SMTP(HOST, application.port, timeout=30) as client:
        client.starttls(context=trust)
        client.login(application.login["username"], application.login["password"])
        for command in ODD:
            client.docmd(command)
    with smtplib.SMTP(HOST, application.port, timeout=30) as client:
        client.starttls(context=trust)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("canary@other.example", "canary-password")


def told(gateway: Gateway) -> str:
    """Read all of the log."""
    return gateway.log.read_text(errors="replace")


@pytest.mark.parametrize("does", PROVIDERS)
async def test_the_log_names_nobody_when_a_provider(
    application: Application, server: SmtpServer, gateway: Gateway, does: str
) -> None:
    code, stage, reply = PROVIDERS[does]
    server.behaviour = replace(server.behaviour, replies={stage: reply})
    before = len(gateway.lines("message ended"))

    answer, _ = await application.send(RECIPIENT, subject=SUBJECT)

    ended = gateway.lines("message ended")[before:]
    assert answer == code
    assert [each["code"] for each in ended] == [code]
    assert CANARY not in told(gateway)
    assert application.login["from"] not in told(gateway)


async def test_the_log_names_nobody_when_a_message_is_in_doubt(
    application: Application, server: SmtpServer, gateway: Gateway
) -> None:
    server.behaviour = replace(server.behaviour, mischief={Stage.MESSAGE: Mischief.DROP})

    code, _ = await application.send(RECIPIENT, subject=SUBJECT)

    assert code == 451
    assert "InDoubt" in told(gateway)
    assert CANARY not in told(gateway)


async def test_the_log_names_nobody_when_a_message_is_taken_or_turned_away(
    application: Application, gateway: Gateway
) -> None:
    taken, _ = await application.send(RECIPIENT, subject=SUBJECT)
    foreign, _ = await application.send(RECIPIENT, **{"from": "canary-author@other.example"})

    assert (taken, foreign) == (250, 553)
    assert "message turned away" in told(gateway)
    assert CANARY not in told(gateway)
    assert application.login["from"] not in told(gateway)


async def test_the_log_repeats_nothing_that_an_application_says(
    application: Application, gateway: Gateway
) -> None:
    await asyncio.to_thread(heckle, application)

    assert CANARY not in told(gateway)
    assert (await gateway.metrics())['mailbox_gateway_logins_total{result="Refused"}'] >= 1
