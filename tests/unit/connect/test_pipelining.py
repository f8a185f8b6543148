"""Commands go out together where a server takes that, and each still has its own reply."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiosmtplib
import pytest

from lab.attempts import until
from mailbox_operator.connect.smtp.client import Client
from mailbox_operator.connect.smtp.conversation import MOST_REPLY_LINES
from mailbox_operator.connect.smtp.meter import Meter

COMMANDS = ("MAIL FROM:<jane@acme.example>", "RCPT TO:<jane@acme.example>", "RSET", "QUIT")
WIRED = [f"{command}\r\n".encode() for command in COMMANDS]
TOGETHER = b"250-mail.test\r\n250 PIPELINING\r\n"
ONE_BY_ONE = b"250 mail.test\r\n"


@asynccontextmanager
async def greeted_by(
    hello: bytes, answers: Sequence[bytes], heard: list[bytes] | None = None
) -> AsyncIterator[Client]:
    """Meet a server that gives its answers in turn, one to each piece it hears, and hangs up."""
    near, far = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=far)

    async def serve() -> None:
        for answer in [hello, *answers]:
            piece = await reader.read(4096)
            if heard is not None and piece in {*WIRED, b"".join(WIRED)}:
                heard.append(piece)
            writer.write(answer)
            await writer.drain()
        writer.close()

    writer.write(b"220 mail.test\r\n")
    serving = asyncio.create_task(serve())
    client = Client(hostname="mail.test", sock=Meter(near), timeout=30, start_tls=False)
    await client.begin()
    await client.read_greeting()
    await client.ehlo()
    yield client
    client.close()
    await serving
    await writer.wait_closed()


async def test_commands_go_out_in_one_piece_where_the_server_takes_that() -> None:
    heard: list[bytes] = []
    answers = [b"250 sender\r\n250 recipient\r\n250 reset\r\n221 bye\r\n"]
    async with greeted_by(TOGETHER, answers, heard) as client:
        next_reply = client.say(*COMMANDS)

        replies = [(await next_reply()).message for _ in COMMANDS]

    assert heard == [b"".join(WIRED)]
    assert replies == ["sender", "recipient", "reset", "bye"]


async def test_a_command_waits_for_the_reply_before_it_elsewhere() -> None:
    heard: list[bytes] = []
    answers = [b"250 sender\r\n", b"250 recipient\r\n", b"250 reset\r\n", b"221 bye\r\n"]
    async with greeted_by(ONE_BY_ONE, answers, heard) as client:
        next_reply = client.say(*COMMANDS)

        replies = [(await next_reply()).message for _ in COMMANDS]

    assert heard == WIRED
    assert replies == ["sender", "recipient", "reset", "bye"]


async def test_replies_may_come_in_any_pieces() -> None:
    async with greeted_by(TOGETHER, [b"", b""]) as client:
        next_reply = client.say(*COMMANDS[:2])

        async def both() -> list[aiosmtplib.SMTPResponse]:
            return [await next_reply(), await next_reply()]

        reading = asyncio.create_task(both())
        assert client.protocol is not None
        for piece in (b"250-the\r\n250 sen", b"der\r\n55", b"0-not\r", b"\n550 yours", b"\r\n"):
            await asyncio.sleep(0)
            client.protocol.data_received(piece)

        assert await reading == [(250, "the\nsender"), (550, "not\nyours")]


async def test_what_was_said_before_a_server_hung_up_counts() -> None:
    async with greeted_by(TOGETHER, [b"250 sender\r\n550 5.7.1 not yours\r\n"]) as client:
        next_reply = client.say(*COMMANDS)
        await until(lambda: not client.is_connected)

        assert (await next_reply()).code == 250
        assert (await next_reply()).code == 550
        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            await next_reply()


async def test_the_first_replies_count_though_a_flood_comes_with_them() -> None:
    flood = b"250 sender\r\n250 recipient\r\n" + b"250-reset\r\n" * MOST_REPLY_LINES
    async with greeted_by(TOGETHER, [flood]) as client:
        next_reply = client.say(*COMMANDS)

        assert (await next_reply()).message == "sender"
        assert (await next_reply()).message == "recipient"
        with pytest.raises(aiosmtplib.SMTPException):
            await next_reply()


async def test_a_command_of_two_lines_is_not_sent() -> None:
    async with greeted_by(TOGETHER, []) as client:
        with pytest.raises(ValueError, match="one line"):
            client.say("MAIL FROM:<jane@acme.example>\r\nDATA")


async def test_replies_of_many_lines_may_come_together() -> None:
    wordy = b"550-no\r\n" * (MOST_REPLY_LINES // 4) + b"550 no\r\n"
    async with greeted_by(TOGETHER, [wordy * 4, b"250 still here\r\n"]) as client:
        next_reply = client.say(*COMMANDS)

        codes = [(await next_reply()).code for _ in COMMANDS]
        codes.append((await client.say("NOOP")()).code)

    assert codes == [550, 550, 550, 550, 250]
