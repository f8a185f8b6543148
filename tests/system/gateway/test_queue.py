"""The Postfix of the documentation logs in at a gateway of the right name, and at no other."""

import tempfile
from email.message import EmailMessage
from pathlib import Path
from typing import Final

import pytest

from lab.clients.applications import DOCS
from lab.clients.queue import MAIN_CF, Queue
from system.gateway.gates import ADDRESS, Gate, gateway

PAGE: Final = DOCS / "sending.md"


def letter() -> EmailMessage:
    """Write a message with lines that begin with a dot."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ADDRESS, "jane@other.example", "hi"
    message.set_content(".\n.dot\nend\n")
    return message


@pytest.mark.parametrize(
    ("names", "sent"), [([], 1), (["elsewhere.example"], 0)], ids=["right", "another"]
)
async def test_a_queue_sends_to_the_gateway_of_the_right_name_alone(
    names: list[str], sent: int
) -> None:
    gate = Gate()
    with tempfile.TemporaryDirectory(prefix="queue-") as directory:
        async with (
            gateway(gate, names=names) as running,
            Queue.start(Path(directory), running.login) as queue,
        ):
            await queue.take(letter())
            await running.wait_for(lambda: "status=" in queue.log())
            log = queue.log()

    assert len(gate.messages) == sent, log
    assert ("status=sent" in log) == bool(sent)
    assert all(each.content.endswith(b"\r\n\r\n.\r\n.dot\r\nend\r\n") for each in gate.messages)


def test_the_page_shows_the_queue_as_it_is() -> None:
    assert f"\n{MAIN_CF.read_text()}```\n" in PAGE.read_text()
