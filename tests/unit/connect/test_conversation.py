"""Whatever bytes a server sends, what comes of it is a reply or an error that has a meaning."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.connect.smtp.client import Client
from mailbox_operator.connect.smtp.faults import Exchange, fault_of
from mailbox_operator.connect.smtp.meter import Meter
from mailbox_operator.connect.smtp.sessions import TROUBLE
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import LoginKind, Stage
from unit.make import ENDPOINT

LINES: Final = some.builds(
    lambda code, mark, text, end: code + mark + text + end,
    some.sampled_from(
        [b"535", b"334", b"220", b"421", b"53", b"5355", b"\xd9\xa3\xd9\xa3\xd9\xa3"]
    ),
    some.sampled_from([b" ", b"-", b"", b"\0"]),
    some.binary(max_size=40) | some.sampled_from([b"5.7.8 wrong password", "密码错误".encode()]),
    some.sampled_from([b"\r\n", b"\n", b"\r", b""]),
)
WRONG_PASSWORD: Final = {Reason.INVALID_CREDENTIALS, Reason.APP_PASSWORD_REQUIRED}
SENT: Final = some.lists(LINES | some.binary(max_size=40), max_size=6).map(b"".join)


async def met(sent: bytes, stage: Stage, login: LoginKind) -> Fault | None:
    """Let a server send this and hang up; tell what that means, None where it greets."""
    near, far = socket.socketpair()
    with far:
        far.sendall(sent)
    with closing(Meter(near)) as metered:
        client = Client(hostname="mail.acme.example", sock=metered, timeout=5, start_tls=False)
        try:
            await client.begin()
            await client.read_greeting()
        except TROUBLE as error:
            return fault_of(error, Exchange(ENDPOINT, login, stage=stage))
        finally:
            client.close()
    return None


@given(sent=SENT, stage=some.sampled_from(Stage), login=some.sampled_from(LoginKind))
def test_any_bytes_have_a_meaning(sent: bytes, stage: Stage, login: LoginKind) -> None:
    fault = asyncio.run(met(sent, stage, login))

    assert b"220" in sent if fault is None else fault.detail
    assert fault is None or stage is Stage.AUTH or fault.reason not in WRONG_PASSWORD


@given(stage=some.sampled_from(Stage))
def test_a_reply_in_pieces_that_never_ends_is_no_reply(stage: Stage) -> None:
    fault = asyncio.run(met(b"535-5.7.8 wrong password\r\n", stage, LoginKind.PASSWORD))

    assert fault is not None
    assert fault.facts["code"] != "535 5.7.8"


async def test_a_refusal_is_heard_though_more_was_written_after_the_server_had_hung_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname())
        far, _ = listening.accept()
    client = Client(hostname="mail.acme.example", sock=Meter(near), timeout=5, start_tls=False)
    await client.begin()
    await client.transmit(b"left unread, so the connection is reset\r\n", 1)
    with far:
        far.sendall(b"421 4.3.0 Enough\r\n")

    reply = await client.say("NOOP")()

    assert (reply.code, client.is_over) == (421, True)
    client.close()


@pytest.mark.parametrize(
    "write",
    [lambda meter: meter.send(b"NOOP"), lambda meter: meter.sendmsg([b"NO", b"OP"])],
    ids=["send", "sendmsg"],
)
def test_a_write_to_a_connection_that_is_no_more_passes_for_done(
    write: Callable[[Meter], int],
) -> None:
    near, far = socket.socketpair()
    with Meter(near) as meter:
        assert (write(meter), meter.is_over) == (4, False)
        far.close()

        assert (write(meter), meter.is_over) == (4, True)
