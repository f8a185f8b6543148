"""A Postfix in front of the gateway keeps mail while the provider is down, and delivers it after."""

import tempfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from lab.clients.queue import Queue
from lab.servers.smtp import SmtpServer
from lab.stand.eventually import eventually
from lab.stand.gateway_process import Application, Gateway
from lab.stand.manifests import ADDRESS
from system.scenarios.sending.applications import known_of

pytestmark = [pytest.mark.cluster, pytest.mark.sending, pytest.mark.asyncio(loop_scope="module")]


def letter(subject: str) -> EmailMessage:
    """Write a message of the Mailbox."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ADDRESS, "joe@other.example", subject
    message.set_content(".\nA line that begins with a dot, and one that is one.\n")
    return message


async def test_a_queue_in_front_keeps_mail_while_the_provider_is_down(
    application: Application, server: SmtpServer, gateway: Gateway
) -> None:
    login = await known_of(application, gateway)
    with tempfile.TemporaryDirectory(prefix="queue-") as directory:
        async with Queue.start(Path(directory), login) as queue:

            async def told() -> str:
                return queue.log()

            await server.stop()
            for subject in ("first", "second", "third"):
                await queue.take(letter(subject))
            await eventually(told, lambda log: "451 4.4.1" in log, 30, queue.log)
            await server.start()
            await eventually(told, lambda log: log.count("status=sent") == 3, 60, queue.log)

    kept = [each for each in server.messages if b"that begins with a dot" in each]
    assert sorted(subject_of(each) for each in kept) == [b"first", b"second", b"third"]


def subject_of(message: bytes) -> bytes:
    """Read the Subject of a message."""
    return message.partition(b"Subject: ")[2].partition(b"\r\n")[0]
