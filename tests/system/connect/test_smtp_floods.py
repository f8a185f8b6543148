"""A server that says more than any mail server has to say is cut off soon, and blamed for it."""

import asyncio
import socket

import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.talker import Talk, talking
from mailbox_operator.connect.smtp.conversation import MOST_REPLY_LINES
from mailbox_operator.connect.smtp.faults import FLOODED
from mailbox_operator.connect.smtp.meter import MOST_PIECES, MOST_SESSION_BYTES, FloodError, Meter
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import JANE, JANES, smtp

LIMIT = 30
BANNER = b"220 mail.test\r\n"


async def refusal_at(
    port: int, authority: Authority, security: Security = Security.STARTTLS
) -> Fault:
    aim = Target(Endpoint("127.0.0.1", port, security), authority.client_context())
    async with asyncio.timeout(LIMIT):
        return await refusal(smtp(seconds=LIMIT).prove(aim, JANES, JANE))


def lines(number: int) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(BANNER)
        connection.recv(100)
        connection.sendall(b"250-x\r\n" * (number - 1) + b"250 x\r\n")

    return talk


@pytest.mark.parametrize(
    ("number", "reason"),
    [(MOST_REPLY_LINES, Reason.TLS_MODE_MISMATCH), (MOST_REPLY_LINES + 1, Reason.UNKNOWN)],
)
async def test_a_reply_has_a_hundred_lines_at_the_most(
    authority: Authority, number: int, reason: Reason
) -> None:
    with talking(lines(number)) as port:
        fault = await refusal_at(port, authority)

    assert fault.reason is reason


def one_line(connection: socket.socket) -> None:
    connection.sendall(b"220 " + b"x" * 10_000_000)


def between_the_commands(connection: socket.socket) -> None:
    connection.sendall(BANNER + b"x" * 10_000_000)


def no_handshake(connection: socket.socket) -> None:
    """Send records of TLS that hold one byte of a handshake message of 80 KB."""
    message = b"\x0b\x01\x40\x00" + b"\x00" * 80_000
    connection.sendall(b"".join(b"\x16\x03\x03\x00\x01" + bytes([byte]) for byte in message))


@pytest.mark.parametrize(
    ("talk", "security"),
    [
        (one_line, Security.STARTTLS),
        (between_the_commands, Security.STARTTLS),
        (no_handshake, Security.TLS),
    ],
)
async def test_a_flood_ends_in_a_fault_about_the_server(
    authority: Authority, talk: Talk, security: Security
) -> None:
    with talking(talk) as port:
        fault = await refusal_at(port, authority, security)

    about_the_server = {Reason.UNKNOWN, Reason.PROVIDER_UNAVAILABLE, Reason.TLS_HANDSHAKE_FAILED}
    assert fault.reason in about_the_server
    assert fault.facts.get("code", FLOODED) in {FLOODED, "no SMTP"}


@pytest.mark.parametrize(
    ("size", "times"),
    [(1, MOST_PIECES), (8192, MOST_SESSION_BYTES // 8192)],
    ids=["pieces", "bytes"],
)
def test_a_meter_gives_up_at_the_first_piece_too_many(size: int, times: int) -> None:
    ours, theirs = socket.socketpair()
    with Meter(ours) as metered, theirs:
        for number in range(times):
            theirs.send(b"x" * size)
            assert metered.recv_into(bytearray(size)) == size if number % 2 else metered.recv(size)
        theirs.send(b"x")

        with pytest.raises(FloodError):
            metered.recv(size)


async def test_ehlo_names_no_address(authority: Authority) -> None:
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        connection.sendall(BANNER)
        heard.append(connection.recv(100))
        connection.sendall(b"421 Busy\r\n")

    with talking(listen) as port:
        await refusal_at(port, authority)

    assert heard == [b"EHLO mailbox-operator.invalid\r\n"]
